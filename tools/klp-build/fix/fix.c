// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fix.c - load FIX arguments and apply them to a tree: see fix.h.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/report.h"
#include "base/xalloc.h"
#include "err.h"
#include "fix.h"
#include "hex.h"
#include "io.h"
#include "mail.h"
#include "printable.h"
#include "target/prepare.h"
#include "target/target.h"

#define FIX_MAX		(16u << 20)
#define NAME_LEN	48	/* as in manifest.h */

/* "01-net-arp.patch" -> "01-net-arp" */
static char *name_from(const char *path)
{
	const char *base = strrchr(path, '/');
	char *s, *p;

	base = base ? base + 1 : path;
	s = xstrndup(base, NAME_LEN);
	p = strstr(s, ".patch") ? strstr(s, ".patch") : strstr(s, ".diff");
	if (p && p > s)
		*p = '\0';
	for (p = s; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '-';
	while (p > s + 1 && p[-1] == '-')
		*--p = '\0';
	return s;
}

/* CVE-YYYY-N... anywhere in the text before the first file. */
static void find_cves(const char *text, size_t len, struct strings *out)
{
	const char *end = text + len, *p = text;

	while ((p = memmem(p, (size_t)(end - p), "CVE-", 4))) {
		size_t n = 4 + strspn(p + 4, "0123456789-");
		char cve[32];

		if (n >= 13 && n < sizeof(cve) && p + n <= end) {
			memcpy(cve, p, n);
			cve[n] = '\0';
			strings_add_once(out, cve);
		}
		p += 4;
	}
}

/* As the manifest takes it: UTF-8, a blank for what can't be printed, not too long. */
static char *one_line(const char *s, size_t len)
{
	char *copy = xstrndup(s, len), *utf8 = text_utf8(copy);
	struct text t = { 0 };

	for (size_t i = 0, n; utf8[i]; i += n) {
		for (n = 1; (utf8[i + n] & 0xc0) == 0x80; n++)
			;
		if (i + n > 120)
			break;
		text_add(&t, text_is_printable(utf8 + i, n) ? utf8 + i : " ", text_is_printable(utf8 + i, n) ? n : 1);
	}
	free(copy);
	free(utf8);
	return text_take(&t);
}

/* The first line of prose: a "Subject:", or a comment. */
static char *find_summary(const char *text, size_t len)
{
	for (const char *l = text, *end = text + len; l < end;) {
		const char *s = l, *e = memchr(l, '\n', (size_t)(end - l));

		e = e ? e : end;
		l = e + 1;
		s += strspn(s, "# \t");
		if (starts_with(s, "From ") || starts_with(s, "From:") || starts_with(s, "Date:"))
			continue;
		if (starts_with(s, "Subject:"))
			s += strlen("Subject:");
		s += strspn(s, " \t");
		if (e > s)
			return one_line(s, (size_t)(e - s));
	}
	return xstrdup("");
}

/* One FIX argument, loaded. */
struct part {
	char *name, *summary, *origin, *diff;
	struct strings cves, allow_data, requires, mitigates;
};

static void part_free(struct part *p)
{
	free(p->name);
	free(p->summary);
	free(p->origin);
	free(p->diff);
	strings_free(&p->cves);
	strings_free(&p->allow_data);
	strings_free(&p->requires);
	strings_free(&p->mitigates);
}

static int load_recipe(const struct target *t, const char *path, const char *text, struct report *r,
		       struct part *p, struct klp_err *err)
{
	struct recipe rec;
	int ret = recipe_parse(text, path, &rec, err);

	if (ret)
		return ret;
	p->name = xstrdup(rec.name);
	p->summary = one_line(rec.summary ? rec.summary : "", rec.summary ? strlen(rec.summary) : 0);
	strings_add_all(&p->cves, &rec.cves);
	strings_add_all(&p->allow_data, &rec.allow_data);
	strings_add_all(&p->requires, &rec.requires);
	strings_add_all(&p->mitigates, &rec.mitigates);
	ret = recipe_resolve(t, &rec, r, &p->diff, &p->origin, err);
	recipe_free(&rec);
	return ret;
}

/* Or what was meant to be one: an empty file, a context diff. */
static bool is_diff(const char *path, const char *text)
{
	return strstr(text, "\n+++ ") || starts_with(text, "+++ ") || strstr(text, "\ndiff --git ") ||
	       starts_with(text, "diff --git ") || strstr(text, "\n***************") ||
	       !text[strspn(text, " \t\r\n")] || ends_with(path, ".patch") || ends_with(path, ".diff");
}

static int load_diff(const char *path, char *text, struct part *p, struct klp_err *err)
{
	const char *base = strrchr(path, '/'), *start, *git;
	struct udiff parsed;
	size_t len;
	int ret;

	ret = mail_check(text, err);
	if (!ret)
		ret = udiff_parse(text, &parsed, err);
	if (ret)
		return ret;
	udiff_free(&parsed);
	start = starts_with(text, "--- ") || starts_with(text, "diff --git ") ? text : strstr(text, "\n--- ");
	git = strstr(text, "\ndiff --git ");
	start = git && (!start || git < start) ? git : start;
	len = start ? (size_t)(start - text) : 0;
	mail_drop_crs(text);
	p->diff = xstrdup(text);
	p->name = name_from(path);
	p->origin = one_line(base ? base + 1 : path, strlen(base ? base + 1 : path));
	p->summary = find_summary(text, len);
	find_cves(text, len, &p->cves);
	return 0;
}

/* A folder (with "recipe" or "fix.patch"), a recipe, or a diff. */
static int load_part(const struct target *t, const char *arg, struct report *r, struct part *p,
		     struct klp_err *err)
{
	char *path = xstrdup(arg);
	struct stat st;
	void *text = NULL;
	size_t len;
	int ret = 0;

	if (path && !stat(arg, &st) && S_ISDIR(st.st_mode)) {
		free(path);
		path = format("%s/recipe", arg);
		if (path && access(path, R_OK)) {
			free(path);
			path = format("%s/fix.patch", arg);
		}
		if (path && access(path, R_OK))
			ret = klp_err_set(err, -ENOENT, "the folder has neither a recipe nor a fix.patch");
	}
	if (!ret)
		ret = io_read_file(path, FIX_MAX, &text, &len, err);
	if (!ret && strlen(text) != len)
		ret = klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	/* Editors on Windows begin a text with a mark of the byte order. */
	if (!ret && starts_with(text, "\xef\xbb\xbf"))
		memmove(text, (char *)text + 3, len - 2);
	if (!ret && is_diff(path, text))
		ret = load_diff(!strcmp(path, arg) ? path : arg, text, p, err);
	else if (!ret)
		ret = load_recipe(t, path, text, r, p, err);
	free(text);
	free(path);
	if (ret && ret != -ENODATA)
		klp_err_wrap(err, "cannot use the fix %s", arg);
	return ret;
}

static void join(struct fix *f, struct part *p, struct text *diff)
{
	char *origin;

	if (!f->name) {
		f->name = p->name;
		f->summary = p->summary;
		f->origin = p->origin;
		p->name = p->summary = p->origin = NULL;
	} else {
		origin = format("%s, %s", f->origin, p->origin);
		free(f->origin);
		f->origin = origin;
	}
	for (size_t i = 0; i < p->cves.nr; i++)
		strings_add_once(&f->cves, p->cves.list[i]);
	strings_add_all(&f->allow_data, &p->allow_data);
	strings_add_all(&f->requires, &p->requires);
	strings_add_all(&f->mitigates, &p->mitigates);
	/* What one part ends with and the next begins with isn't one line, and no hunk goes on. */
	text_addf(diff, "%s%s", f->nr_parts ? "\n-- \n" : "", p->diff);
	f->nr_parts++;
}

static int set_name(struct fix *f, const char *name, struct klp_err *err)
{
	if (name) {
		free(f->name);
		f->name = xstrdup(name);
	}
	if (!*f->name || strlen(f->name) > NAME_LEN ||
	    f->name[strspn(f->name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a patch name: a-z, 0-9 and '-', up to %d",
				   f->name, NAME_LEN);
	return 0;
}

int fix_load(const struct target *t, char *const *args, size_t nr_args, const char *name,
	     struct report *r, struct fix **out, struct klp_err *err)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct text diff = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < nr_args; i++) {
		struct klp_err why = { 0 };
		struct part p = { 0 };

		ret = load_part(t, args[i], r, &p, &why);
		if (!ret)
			join(f, &p, &diff);
		else if (ret != -ENODATA || nr_args == 1)
			*err = why;
		/* The kernel has this one; the others count. */
		if (ret == -ENODATA && nr_args > 1) {
			report_warn(r, "%s", why.text);
			ret = 0;
		}
		part_free(&p);
	}
	if (!ret && !f->nr_parts)
		ret = klp_err_set(err, -ENODATA, "%s has all of these fixes already", t->krel);
	if (!ret)
		ret = set_name(f, name, err);
	if (!ret) {
		f->diff = text_take(&diff);
		if (sha256_hex(f->diff, strlen(f->diff), f->digest))
			ret = klp_err_sys(err, -ENOMEM, "fix");
	}
	if (!ret)
		ret = fix_parse_files(f->diff, &f->files, &f->nr_files, err);
	text_free(&diff);
	if (ret)
		fix_free(f);
	else
		*out = f;
	return ret;
}

void fix_free(struct fix *f)
{
	if (!f)
		return;
	free(f->name);
	free(f->summary);
	strings_free(&f->cves);
	strings_free(&f->allow_data);
	strings_free(&f->requires);
	strings_free(&f->mitigates);
	free(f->origin);
	free(f->diff);
	fix_files_free(f->files, f->nr_files);
	free(f);
}
