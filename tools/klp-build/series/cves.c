// SPDX-License-Identifier: GPL-2.0-or-later
/* cves.c - see cves.h. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cve_files.h"
#include "cve_judge.h"
#include "cves.h"
#include "err.h"
#include "series_patch.h"

static bool is_cve(const char *s)
{
	size_t n = strlen(s);

	return n >= 13 && n < sizeof(((struct cve_record *)0)->name) && starts_with(s, "CVE-") && s[8] == '-' &&
	       strspn(s + 4, "0123456789") == 4 && s[9 + strspn(s + 9, "0123456789")] == '\0';
}

static bool is_id(const char *s)
{
	return strlen(s) == 40 && strspn(s, "0123456789abcdef") == 40;
}

/* "6.1.176", "6.1-rc3": what a version may look like; "0" stands for "since ever". */
static bool is_version(const char *s)
{
	return *s && strlen(s) < 24 && isdigit((unsigned char)*s) &&
	       !s[strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz.-")];
}

/* The record of that name, a new one if there is none. */
static struct cve_record *record(struct cves *c, const char *name)
{
	struct cve_record *grown;
	size_t low = 0, high = c->nr;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int order = strcmp(c->list[mid].name, name);

		if (!order)
			return &c->list[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	c->list = grown = xgrow(c->list, c->nr, sizeof(*grown));
	memmove(&grown[low + 1], &grown[low], (c->nr++ - low) * sizeof(*grown));
	grown[low] = (struct cve_record){ .title = xstrdup("") };
	strcpy(grown[low].name, name);
	return &grown[low];
}

static void add_fix(struct cve_record *r, const char *first_bad, const char *fixed, const char *id)
{
	struct cve_fix *new;

	for (size_t i = 0; i < r->nr_fixes; i++)
		if (!strcmp(r->fixes[i].id, id) && !strcmp(r->fixes[i].fixed, fixed))
			return;
	r->fixes = xgrow(r->fixes, r->nr_fixes, sizeof(*r->fixes));
	new = &r->fixes[r->nr_fixes++];
	*new = (struct cve_fix){ 0 };
	snprintf(new->first_bad, sizeof(new->first_bad), "%s", first_bad);
	snprintf(new->fixed, sizeof(new->fixed), "%s", fixed);
	snprintf(new->id, sizeof(new->id), "%s", id);
}

static void set_title(struct cve_record *r, const char *title)
{
	char *copy;

	if (!*title)
		return;
	copy = xstrdup(title);
	free(r->title);
	r->title = copy;
}

/* Cut @line at each @sep; the number of fields, at most @max. */
static size_t cut(char *line, char sep, char **fields, size_t max)
{
	size_t n = 0;

	for (char *s = line; n < max; s++) {
		char *e = strchr(s, sep);

		fields[n++] = s;
		if (!e)
			break;
		*e = '\0';
		s = e;
	}
	return n;
}

/* ---- one line of each form ---- */

static int bad_line(struct klp_err *err, size_t line, const char *why)
{
	return klp_err_set(err, -EBADMSG, "line %zu: %s", line, why);
}

/* CVE, first bad version, fixed version, commit, title, files: with tabs between them. */
static int table_line(char *line, size_t nr, void *arg, struct klp_err *err)
{
	struct cves *c = arg;
	char *f[6] = { 0 }, *save = NULL;
	struct cve_record *r;
	size_t n;

	if (!*line || *line == '#')
		return 0;
	n = cut(line, '\t', f, 6);
	if (n < 4 || !is_cve(f[0]))
		return bad_line(err, nr, "not \"CVE, first bad version, fixed version, commit, title, files\" with tabs between them");
	if ((*f[1] && !is_version(f[1])) || !is_version(f[2]) || !is_id(f[3]))
		return bad_line(err, nr, "the second and third field are versions, the fourth is a commit's id");
	r = record(c, f[0]);
	add_fix(r, f[1], f[2], f[3]);
	if (n > 4)
		set_title(r, f[4]);
	for (char *s = n > 5 ? strtok_r(f[5], " ", &save) : NULL; s; s = strtok_r(NULL, " ", &save))
		strings_add_once(&r->files, s);
	return 0;
}

/* "first bad version:commit:fixed version:commit"; "0" for a version or a commit that isn't known. */
static int dyad_line(char *line, size_t nr, void *arg, struct klp_err *err)
{
	static const char says[] = "pairs for git id ";
	struct cve_record *r = arg;
	char *f[5], *id = strstr(line, says);

	if (*line == '#' && id && is_id(id + strlen(says)) && !*r->upstream)
		strcpy(r->upstream, id + strlen(says));
	if (!*line || *line == '#')
		return 0;
	if (cut(line, ':', f, 5) != 4)
		return bad_line(err, nr, "not \"first bad version:commit:fixed version:commit\"");
	/* Not fixed in that branch. */
	if (!strcmp(f[2], "0") || !strcmp(f[3], "0"))
		return 0;
	if (!is_version(f[0]) || !is_version(f[2]) || !is_id(f[3]))
		return bad_line(err, nr, "not \"first bad version:commit:fixed version:commit\"");
	add_fix(r, f[0], f[2], f[3]);
	return 0;
}

static int each_line(const char *buf, size_t len, int (*take)(char *, size_t, void *, struct klp_err *), void *arg,
		     struct klp_err *err)
{
	char *text = memchr(buf, '\0', len) ? NULL : xstrndup(buf, len);
	size_t nr = 1;
	int ret = 0;

	if (!text)
		return klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	for (char *l = text, *next; !ret && *l; l = next, nr++) {
		next = l + strcspn(l, "\n");
		if (*next)
			*next++ = '\0';
		l[strcspn(l, "\r")] = '\0';
		ret = take(l, nr, arg, err);
	}
	free(text);
	return ret;
}

int cves_parse_table(const char *buf, size_t len, struct cves *out, struct klp_err *err)
{
	return each_line(buf, len, table_line, out, err);
}

int cves_parse_dyad(const char *buf, size_t len, const char *name, struct cves *out, struct klp_err *err)
{
	if (!is_cve(name))
		return klp_err_set(err, -EBADMSG, "\"%s\" isn't a CVE's name", name);
	return each_line(buf, len, dyad_line, record(out, name), err);
}

/* CVE record format 5: title and files; a rejected one has no "cna" that says what is affected. */
static int take_json(json_t *root, struct cves *out, struct klp_err *err)
{
	json_t *meta = json_object_get(root, "cveMetadata"), *cna, *a, *file;
	const char *name = json_string_value(json_object_get(meta, "cveID"));
	const char *title;
	struct cve_record *r;
	size_t i, k;

	if (!name)
		name = json_string_value(json_object_get(meta, "cveId"));
	if (!name || !is_cve(name))
		return klp_err_set(err, -EBADMSG, "cveMetadata has no CVE's name");
	cna = json_object_get(json_object_get(root, "containers"), "cna");
	title = json_string_value(json_object_get(cna, "title"));
	r = record(out, name);
	if (title)
		set_title(r, title);
	json_array_foreach(json_object_get(cna, "affected"), i, a)
		json_array_foreach(json_object_get(a, "programFiles"), k, file) {
			const char *s = json_string_value(file);

			if (s)
				strings_add_once(&r->files, s);
		}
	return 0;
}

int cves_parse_json(const char *buf, size_t len, struct cves *out, struct klp_err *err)
{
	json_error_t je;
	json_t *root = json_loadb(buf, len, 0, &je);
	int ret;

	if (!root)
		return klp_err_set(err, -EBADMSG, "%s at byte %d", je.text, je.position);
	ret = take_json(root, out, err);
	json_decref(root);
	return ret;
}

/* ---- files ---- */

static int take(enum cve_form form, const char *cve, const char *buf, size_t len, void *out, struct klp_err *err)
{
	switch (form) {
	case CVE_JSON:
		return cves_parse_json(buf, len, out, err);
	case CVE_DYAD:
		return cves_parse_dyad(buf, len, cve, out, err);
	default:
		return cves_parse_table(buf, len, out, err);
	}
}

int cves_load(const char *path, struct cves *out, struct klp_err *err)
{
	struct cves c = { 0 };
	int ret = cve_files_read(path, take, &c, err);

	if (!ret && !c.nr)
		ret = klp_err_set(err, -ENOENT, "%s: no CVE is in it", path);
	if (ret) {
		cves_free(&c);
		return klp_err_wrap(err, "cannot read the CVE records");
	}
	*out = c;
	return 0;
}

void cves_free(struct cves *c)
{
	for (size_t i = 0; i < c->nr; i++) {
		free(c->list[i].title);
		free(c->list[i].fixes);
		strings_free(&c->list[i].files);
	}
	free(c->list);
	*c = (struct cves){ 0 };
}

const struct cve_record *cves_find(const struct cves *c, const char *name)
{
	for (size_t i = 0; i < c->nr; i++)
		if (!strcmp(c->list[i].name, name))
			return &c->list[i];
	return NULL;
}

static bool is_behind(const char *text, const struct kver *v, struct kver *out)
{
	return !kver_parse(text, out) && out->major == v->major && out->minor == v->minor && kver_compare(out, v) > 0;
}

bool cve_fix_is_needed(const struct cve_fix *f, const struct kver *v)
{
	struct kver x;

	return is_behind(f->fixed, v, &x) && !is_behind(f->first_bad, v, &x);
}

static bool has_id(const struct cve_record *r, const char *id)
{
	if (!*id)
		return false;
	for (size_t i = 0; i < r->nr_fixes; i++)
		if (!strcmp(r->fixes[i].id, id))
			return true;
	return !strcmp(r->upstream, id);
}

bool cve_is_fixed_by(const struct cve_record *r, const char *id, const struct strings *upstream, const char *subject,
		     const struct strings *files)
{
	if (has_id(r, id))
		return true;
	for (size_t i = 0; i < upstream->nr; i++)
		if (has_id(r, upstream->list[i]))
			return true;
	if (!*subject || strcmp(subject, r->title))
		return false;
	for (size_t i = 0; i < files->nr; i++)
		if (strings_have(&r->files, files->list[i]))
			return true;
	return false;
}

void cves_of_commit(const struct cves *records, const struct sp_commit *c, struct strings *out)
{
	struct strings files = { 0 };

	for (size_t i = 0; i < c->diff.nr; i++)
		strings_add(&files, c->diff.sections[i].path);
	for (size_t i = 0; i < records->nr; i++)
		if (!strings_have(out, records->list[i].name) &&
		    cve_is_fixed_by(&records->list[i], c->id, &c->upstream, c->subject, &files))
			strings_add(out, records->list[i].name);
	strings_free(&files);
}
