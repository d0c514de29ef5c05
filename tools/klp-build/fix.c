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

#include "err.h"
#include "fix.h"
#include "hex.h"
#include "io.h"
#include "prepare.h"
#include "proc.h"
#include "report.h"
#include "target.h"

#define FIX_MAX		(16u << 20)
#define NAME_LEN	48	/* as in manifest.h */

/* "b/net/core/sock_map.c\t2026-..." without the prefix and what follows; NULL for /dev/null. */
static int parse_path(const char *s, char **out, struct klp_err *err)
{
	size_t n = strcspn(s, "\t\r\n");
	const char *slash;

	*out = NULL;
	if (n == 9 && !memcmp(s, "/dev/null", 9))
		return 0;
	/* -p1: one component goes. */
	slash = memchr(s, '/', n);
	if (!slash || slash + 1 == s + n)
		return klp_err_set(err, -EBADMSG,
				   "\"%.*s\" has no folder in front; the diff must apply with `patch -p1`",
				   (int)n, s);
	n -= (size_t)(slash + 1 - s);
	s = slash + 1;
	if (*s == '/' || memmem(s, n, "../", 3) || memchr(s, '"', n))
		return klp_err_set(err, -EBADMSG, "\"%.*s\" leads out of the source tree", (int)n, s);
	*out = strndup(s, n);
	return *out ? 0 : klp_err_sys(err, -ENOMEM, "fix");
}

/* Takes over both paths, of which one may be NULL; they are equal else. */
static int add_file(struct fix_file **list, size_t *nr, char *old, char *new)
{
	char *path = new ? new : old;
	bool created = !old, deleted = !new;
	struct fix_file *grown;

	if (new)
		free(old);
	for (size_t i = 0; i < *nr; i++)
		if (!strcmp((*list)[i].path, path)) {
			free(path);
			return 0;
		}
	grown = realloc(*list, (*nr + 1) * sizeof(*grown));
	if (!grown) {
		free(path);
		return -ENOMEM;
	}
	*list = grown;
	grown[(*nr)++] = (struct fix_file){ .path = path, .created = created, .deleted = deleted };
	return 0;
}

int fix_parse_files(const char *diff, struct fix_file **out, size_t *nr, struct klp_err *err)
{
	struct fix_file *list = NULL;
	bool git = false;	/* between "diff --git" and its first hunk */
	size_t n = 0;
	int ret = 0;

	for (const char *l = diff, *next; !ret && *l; l = next) {
		char *old, *new;

		next = l + strcspn(l, "\n");
		next += *next == '\n';
		if (starts_with(l, "diff --git ") || starts_with(l, "@@"))
			git = *l == 'd';
		if (git && starts_with(l, "rename from ")) {
			ret = klp_err_set(err, -EXDEV, "%.*s is renamed", (int)strcspn(l + 12, "\r\n"), l + 12);
			break;
		}
		if (!starts_with(l, "--- ") || !starts_with(next, "+++ "))
			continue;
		ret = parse_path(l + 4, &old, err);
		if (ret)
			break;
		ret = parse_path(next + 4, &new, err);
		if (ret || (!old && !new)) {
			free(old);
			ret = ret ? ret : klp_err_set(err, -EBADMSG, "a diff of /dev/null with itself");
			break;
		}
		/* `diff -u x.c.orig x.c` */
		if (old && new && ends_with(old, ".orig") && !strncmp(old, new, strlen(old) - 5) &&
		    !new[strlen(old) - 5])
			old[strlen(old) - 5] = '\0';
		if (old && new && strcmp(old, new)) {
			ret = klp_err_set(err, -EXDEV, "%s is renamed to %s", old, new);
			free(old);
			free(new);
			break;
		}
		if (add_file(&list, &n, old, new))
			ret = klp_err_sys(err, -ENOMEM, "fix");
	}
	if (!ret && !n)
		ret = klp_err_set(err, -EBADMSG, "not a unified diff: no \"---\" and \"+++\" lines");
	if (ret)
		fix_files_free(list, n);
	else {
		*out = list;
		*nr = n;
	}
	return ret;
}

void fix_files_free(struct fix_file *files, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(files[i].path);
	free(files);
}

/* "01-net-arp.patch" -> "01-net-arp" */
static char *name_from(const char *path)
{
	const char *base = strrchr(path, '/');
	char *s, *p;

	base = base ? base + 1 : path;
	s = strndup(base, NAME_LEN);
	if (!s)
		return NULL;
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
static int find_cves(const char *text, size_t len, struct strings *out)
{
	const char *end = text + len, *p = text;

	while ((p = memmem(p, (size_t)(end - p), "CVE-", 4))) {
		size_t n = 4 + strspn(p + 4, "0123456789-");
		char cve[32];

		if (n >= 13 && n < sizeof(cve) && p + n <= end) {
			memcpy(cve, p, n);
			cve[n] = '\0';
			if (!strings_have(out, cve) && strings_add(out, cve))
				return -ENOMEM;
		}
		p += 4;
	}
	return 0;
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
			return strndup(s, (size_t)(e - s) > 120 ? 120 : (size_t)(e - s));
	}
	return strdup("");
}

/* One FIX argument, loaded. */
struct part {
	char *name, *summary, *origin, *diff;
	struct strings cves, allow_data, requires;
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
}

static int load_recipe(const struct target *t, const char *path, const char *text, struct report *r,
		       struct part *p, struct klp_err *err)
{
	struct recipe rec;
	int ret = recipe_parse(text, path, &rec, err);

	if (ret)
		return ret;
	p->name = strdup(rec.name);
	p->summary = strdup(rec.summary ? rec.summary : "");
	for (size_t i = 0; !ret && i < rec.cves.nr; i++)
		ret = strings_add(&p->cves, rec.cves.list[i]);
	for (size_t i = 0; !ret && i < rec.allow_data.nr; i++)
		ret = strings_add(&p->allow_data, rec.allow_data.list[i]);
	for (size_t i = 0; !ret && i < rec.requires.nr; i++)
		ret = strings_add(&p->requires, rec.requires.list[i]);
	if (!ret)
		ret = recipe_resolve(t, &rec, r, &p->diff, &p->origin, err);
	recipe_free(&rec);
	return ret;
}

static int load_diff(const char *path, char *text, struct part *p, struct klp_err *err)
{
	const char *base = strrchr(path, '/'), *start;
	size_t len;

	start = starts_with(text, "--- ") ? text : strstr(text, "\n--- ");
	len = start ? (size_t)(start - text) : 0;
	p->diff = strdup(text);
	p->name = name_from(path);
	p->origin = strdup(base ? base + 1 : path);
	p->summary = find_summary(text, len);
	if (!p->diff || !p->name || !p->origin || !p->summary || find_cves(text, len, &p->cves))
		return klp_err_sys(err, -ENOMEM, "fix");
	return 0;
}

/* A folder (with "recipe" or "fix.patch"), a recipe, or a diff. */
static int load_part(const struct target *t, const char *arg, struct report *r, struct part *p,
		     struct klp_err *err)
{
	char *path = strdup(arg);
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
		ret = path ? io_read_file(path, FIX_MAX, &text, &len, err) :
			     klp_err_sys(err, -ENOMEM, "fix");
	if (!ret && strlen(text) != len)
		ret = klp_err_set(err, -EBADMSG, "it holds a NUL byte: not text");
	if (!ret && (strstr(text, "\n+++ ") || starts_with(text, "+++ ") || strstr(text, "\ndiff --git ") ||
		     starts_with(text, "diff --git ")))
		ret = load_diff(!strcmp(path, arg) ? path : arg, text, p, err);
	else if (!ret)
		ret = load_recipe(t, path, text, r, p, err);
	free(text);
	free(path);
	if (ret && ret != -ENODATA)
		klp_err_wrap(err, "cannot use the fix %s", arg);
	return ret;
}

/* To the next "diff --git" line, or the end. */
static const char *section_end(const char *s)
{
	const char *next = strstr(s + 1, "\ndiff --git ");

	return next ? next + 1 : s + strlen(s);
}

/* A part of git's that has no lines to change: another mode, a binary file. */
static bool is_empty_section(const char *s)
{
	const char *end = section_end(s), *plus;

	if (!starts_with(s, "diff --git "))
		return false;
	plus = memmem(s, (size_t)(end - s), "\n+++ ", 5);
	return !plus && !memmem(s, (size_t)(end - s), "\nrename from ", 13);
}

/*
 * Drop the files that no x86-64 build reads, so that a fix that also changes
 * Documentation/ or another architecture applies.
 */
static int add_wanted(const char *diff, struct text *out, struct report *r, struct klp_err *err)
{
	bool drop = false;

	for (const char *l = diff, *next; *l; l = next) {
		next = l + strcspn(l, "\n");
		next += *next == '\n';
		if (is_empty_section(l)) {
			next = section_end(l);
			continue;
		}
		if (starts_with(l, "--- ") && starts_with(next, "+++ ")) {
			char *old = NULL, *new = NULL;
			int ret = parse_path(l + 4, &old, err);

			if (!ret)
				ret = parse_path(next + 4, &new, err);
			if (ret) {
				free(old);
				return ret;
			}
			drop = source_left_out(new ? new : old ? old : "");
			if (drop)
				report_verbose(r, "%s: no part of an x86-64 kernel, left out",
					       new ? new : old);
			free(old);
			free(new);
		}
		if (!drop)
			text_add(out, l, (size_t)(next - l));
	}
	return 0;
}

/* Does it change any line? */
static bool has_files(const char *diff)
{
	return starts_with(diff, "--- ") || strstr(diff, "\n--- ") || strstr(diff, "\nrename from ");
}

static int join(struct fix *f, struct part *p, struct text *diff, struct report *r,
		struct klp_err *err)
{
	char *origin;

	if (!f->name) {
		f->name = p->name;
		f->summary = p->summary;
		f->origin = p->origin;
		p->name = p->summary = p->origin = NULL;
	} else {
		origin = format("%s, %s", f->origin, p->origin);
		if (!origin)
			return klp_err_sys(err, -ENOMEM, "fix");
		free(f->origin);
		f->origin = origin;
	}
	for (size_t i = 0; i < p->cves.nr; i++)
		if (!strings_have(&f->cves, p->cves.list[i]) &&
		    strings_add(&f->cves, p->cves.list[i]))
			return klp_err_sys(err, -ENOMEM, "fix");
	for (size_t i = 0; i < p->allow_data.nr; i++)
		if (strings_add(&f->allow_data, p->allow_data.list[i]))
			return klp_err_sys(err, -ENOMEM, "fix");
	for (size_t i = 0; i < p->requires.nr; i++)
		if (strings_add(&f->requires, p->requires.list[i]))
			return klp_err_sys(err, -ENOMEM, "fix");
	return add_wanted(p->diff, diff, r, err);
}

static int set_name(struct fix *f, const char *name, struct klp_err *err)
{
	if (name) {
		free(f->name);
		f->name = strdup(name);
	}
	if (!f->name)
		return klp_err_sys(err, -ENOMEM, "fix");
	if (!*f->name || strlen(f->name) > NAME_LEN ||
	    f->name[strspn(f->name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return klp_err_set(err, -EINVAL, "\"%s\" isn't a patch name: a-z, 0-9 and '-', up to %d",
				   f->name, NAME_LEN);
	return 0;
}

int fix_load(const struct target *t, char *const *args, size_t nr_args, const char *name,
	     struct report *r, struct fix **out, struct klp_err *err)
{
	struct fix *f = calloc(1, sizeof(*f));
	struct text diff = { 0 };
	int ret = f ? 0 : klp_err_sys(err, -ENOMEM, "fix");

	for (size_t i = 0; !ret && i < nr_args; i++) {
		struct part p = { 0 };

		ret = load_part(t, args[i], r, &p, err);
		if (!ret)
			ret = join(f, &p, &diff, r, err);
		part_free(&p);
	}
	if (!ret)
		ret = set_name(f, name, err);
	if (!ret) {
		f->diff = text_take(&diff);
		if (!f->diff || sha256_hex(f->diff, strlen(f->diff), f->digest))
			ret = klp_err_sys(err, -ENOMEM, "fix");
	}
	if (!ret && !has_files(f->diff))
		ret = klp_err_set(err, -ENODATA, "the fix changes no file that an x86-64 kernel is built from");
	if (!ret)
		ret = fix_parse_files(f->diff, &f->files, &f->nr_files, err);
	if (ret == -EXDEV)
		report_refuse(r, REFUSE_BUILD, NULL, f->origin, 0,
			      "make it a change of the file under its old name", "%s: %s", err->text,
			      "which files are built, and from what, can't change in a running kernel");
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
	free(f->origin);
	free(f->diff);
	fix_files_free(f->files, f->nr_files);
	free(f);
}

int fix_apply(const struct fix *f, const char *root, struct klp_err *err)
{
	char *diff = format("%s/../fix.patch", root), *log = format("%s/../patch.log", root);
	const char *argv[] = { "patch", "-p1", "--forward", "--batch", "--no-backup-if-mismatch",
			       "--reject-file=-", "-d", root, "-i", diff, NULL };
	struct proc p = { .argv = argv, .log_path = log };
	int ret = diff && log ? 0 : klp_err_sys(err, -ENOMEM, "patch");

	if (!ret)
		ret = io_write_atomic(diff, f->diff, strlen(f->diff), 0644, err);
	if (!ret && proc_run(&p, err))
		ret = klp_err_wrap(err, "the fix doesn't apply to the kernel's source");
	free(log);
	free(diff);
	return ret;
}
