// SPDX-License-Identifier: GPL-2.0-or-later
/* cve_records.c - see cve_records.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cve_files.h"
#include "cve_judge.h"
#include "cve_records.h"
#include "err.h"
#include "jsonstr.h"
#include "printable.h"

static bool is_cve(const char *s)
{
	return !strncmp(s, "CVE-", 4) && strspn(s + 4, "0123456789") == 4 && s[8] == '-' && s[9] && strlen(s) < 32 &&
	       !s[9 + strspn(s + 9, "0123456789")];
}

/* The record of that name, a new one if there is none; borrowed. */
static json_t *record(json_t *all, const char *cve)
{
	json_t *r = json_object_get(all, cve);

	if (!r) {
		r = json_object();
		json_object_set_new(all, cve, r);
	}
	return r;
}

/* List @key of @r, a new one if there is none; borrowed. */
static json_t *list_of(json_t *r, const char *key)
{
	json_t *list = json_object_get(r, key);

	if (!list) {
		list = json_array();
		json_object_set_new(r, key, list);
	}
	return list;
}

/* Machines refuse all records when one has what doesn't show; and a file that is left out could make a CVE seem not to be compiled. */
static int add_file(json_t *r, const char *file, struct klp_err *err)
{
	json_t *list = list_of(r, "files"), *item;
	char shown[128];
	size_t i;

	if (!text_is_printable(file, strlen(file))) {
		text_printable(file, strlen(file), shown, sizeof(shown));
		return klp_err_set(err, -EBADMSG, "\"%s\" isn't the name of a source file: it has characters that don't show", shown);
	}
	json_array_foreach(list, i, item)
		if (!strcmp(json_string_value(item), file))
			return 0;
	return json_array_append_new(list, json_string(file)) ? klp_err_sys(err, -ENOMEM, "CVE records") : 0;
}

/* It may be one that nobody can compare with (a candidate's): the machine says "unknown" then. */
static bool is_version(const char *s)
{
	return strlen(s) < KVER_LEN && s[0] >= '0' && s[0] <= '9' && !s[strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz.-")];
}

static int add_pair(json_t *r, const char *introduced, const char *fixed, struct klp_err *err)
{
	introduced = *introduced ? introduced : "0";
	fixed = *fixed ? fixed : "0";
	if (!is_version(introduced) || !is_version(fixed))
		return klp_err_set(err, -EBADMSG, "\"%.40s\" and \"%.40s\" aren't versions", introduced, fixed);
	return json_array_append_new(list_of(r, "pairs"), json_pack("[s, s]", introduced, fixed)) ?
	       klp_err_sys(err, -ENOMEM, "CVE records") : 0;
}

/* Cut @line at each @sep into @nr fields, "" where there are fewer; the number of those that were there. */
static size_t cut(char *line, const char *sep, const char **fields, size_t nr)
{
	size_t n = 0;

	for (size_t i = 0; i < nr; i++) {
		fields[i] = line ? strsep(&line, sep) : "";
		n += line || *fields[i];
	}
	return line ? nr + 1 : n;
}

typedef int (*line_fn)(char *line, const char *cve, json_t *out, struct klp_err *err);

static int each_line(const char *buf, size_t len, line_fn take, const char *cve, json_t *out, struct klp_err *err)
{
	char *text = memchr(buf, '\0', len) ? NULL : strndup(buf, len), *rest = text, *line;
	size_t nr = 0;
	int ret = 0;

	if (!text)
		return klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	while (!ret && (line = strsep(&rest, "\n"))) {
		nr++;
		line[strcspn(line, "\r")] = '\0';
		if (*line && *line != '#')
			ret = take(line, cve, out, err);
		if (ret)
			klp_err_wrap(err, "line %zu", nr);
	}
	free(text);
	return ret;
}

static int dyad_line(char *line, const char *cve, json_t *out, struct klp_err *err)
{
	const char *f[4];

	if (cut(line, ":", f, 4) != 4)
		return klp_err_set(err, -EBADMSG, "not \"first bad version:commit:fixed version:commit\"");
	return add_pair(record(out, cve), f[0], f[2], err);
}

int cve_records_dyad(const char *buf, size_t len, const char *cve, json_t *out, struct klp_err *err)
{
	if (!is_cve(cve))
		return klp_err_set(err, -EBADMSG, "\"%s\" isn't a CVE's name", cve);
	return each_line(buf, len, dyad_line, cve, out, err);
}

/* Titles are written by whoever files a CVE. */
static void set_title(json_t *r, const char *title)
{
	char shown[512];

	if (text_printable(title, strlen(title), shown, sizeof(shown)))
		json_object_set_new(r, "title", json_string(shown));
}

static int table_line(char *line, const char *cve, json_t *out, struct klp_err *err)
{
	const char *f[6];
	char *files, *file;
	json_t *r;
	int ret;

	(void)cve;
	if (cut(line, "\t", f, 6) > 6 || !is_cve(f[0]))
		return klp_err_set(err, -EBADMSG, "not \"CVE, first bad version, fixed version, commit, title, files\" with tabs between them");
	r = record(out, f[0]);
	ret = add_pair(r, f[1], f[2], err);
	set_title(r, f[4]);
	files = (char *)f[5];
	while (!ret && (file = strsep(&files, " ")))
		if (*file)
			ret = add_file(r, file, err);
	return ret;
}

int cve_records_table(const char *buf, size_t len, json_t *out, struct klp_err *err)
{
	return each_line(buf, len, table_line, NULL, out, err);
}

/* ---- CVE record 5 ---- */

static int rank(const char *word)
{
	static const char *const words[] = { "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -1;
}

/* The worst of the ratings that it has, of whichever version of CVSS. */
static void take_severity(const json_t *cna, json_t *r)
{
	static const char *const names[] = { "", "low", "medium", "high", "critical" };
	const json_t *m;
	json_t *score;
	const char *key;
	int worst = 0;
	size_t i;

	json_array_foreach(json_object_get(cna, "metrics"), i, m)
		json_object_foreach((json_t *)m, key, score) {
			int n = rank(str(score, "baseSeverity"));

			worst = n > worst ? n : worst;
		}
	if (worst)
		json_object_set_new(r, "severity", json_string(names[worst]));
}

int cve_records_json(const char *buf, size_t len, json_t *out, struct klp_err *err)
{
	json_error_t je;
	json_t *root = json_loadb(buf, len, 0, &je), *a, *file, *r;
	const json_t *meta = json_object_get(root, "cveMetadata");
	const json_t *cna = json_object_get(json_object_get(root, "containers"), "cna");
	const char *cve = *str(meta, "cveID") ? str(meta, "cveID") : str(meta, "cveId");
	size_t i, k;
	int ret = 0;

	if (!root)
		return klp_err_set(err, -EBADMSG, "%s at byte %d", je.text, je.position);
	if (!is_cve(cve))
		ret = klp_err_set(err, -EBADMSG, "cveMetadata has no CVE's name");
	/* Left out, whatever its .dyad file says, which may come after it. */
	if (!ret && !strcmp(str(meta, "state"), "REJECTED"))
		json_object_set_new(record(out, cve), "rejected", json_true());
	if (!ret) {
		r = record(out, cve);
		set_title(r, str(cna, "title"));
		take_severity(cna, r);
		json_array_foreach(json_object_get(cna, "affected"), i, a)
			json_array_foreach(json_object_get(a, "programFiles"), k, file)
				if (!ret && json_is_string(file))
					ret = add_file(r, json_string_value(file), err);
	}
	json_decref(root);
	return ret;
}

/* ---- files ---- */

static int take(enum cve_form form, const char *cve, const char *buf, size_t len, void *out, struct klp_err *err)
{
	switch (form) {
	case CVE_JSON:
		return cve_records_json(buf, len, out, err);
	case CVE_DYAD:
		return cve_records_dyad(buf, len, cve, out, err);
	default:
		return cve_records_table(buf, len, out, err);
	}
}

/* What nothing can be said of helps nobody; a rejected one is no CVE any more. */
static void drop_useless(json_t *all)
{
	const char *cve;
	json_t *r;
	void *next;

	json_object_foreach_safe(all, next, cve, r)
		if (json_is_true(json_object_get(r, "rejected")) || !json_object_get(r, "pairs"))
			json_object_del(all, cve);
}

int cve_records_read(const char *path, json_t **out, struct klp_err *err)
{
	json_t *all = json_object();
	int ret = cve_files_read(path, take, all, err);

	drop_useless(all);
	if (!ret && !json_object_size(all))
		ret = klp_err_set(err, -ENOENT, "%s: no CVE is in it", path);
	if (ret) {
		json_decref(all);
		return klp_err_wrap(err, "cannot read the CVE records");
	}
	*out = all;
	return 0;
}
