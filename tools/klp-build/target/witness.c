// SPDX-License-Identifier: GPL-2.0-or-later
/* witness.c - see witness.h.  Pure functions of texts. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "dryrun.h"
#include "err.h"
#include "target_priv.h"
#include "witness.h"

/* What vmlinux is linked from, from 6.1 on: Makefile's core archive, and libs-y of it and of arch/x86/Makefile. */
static const char *const roots[] = { "built-in.a", "lib/lib.a", "arch/x86/lib/lib.a" };

/* ---- from the roots down ---- */

static int reach(struct dry_run *d, const char *path, const char *by, struct witness *w, struct klp_err *err);

static int reach_members(struct dry_run *d, struct dry_list *l, struct witness *w, struct klp_err *err)
{
	int ret = 0;

	if (l->reached)
		return 0;
	l->reached = true;
	if (ends_with(l->target, ".a"))
		w->archives++;
	else if (ends_with(l->target, ".mod"))
		w->modules++;
	for (size_t i = 0; !ret && i < l->members.nr; i++)
		ret = reach(d, l->members.list[i], l->target, w, err);
	return ret;
}

static int reach(struct dry_run *d, const char *path, const char *by, struct witness *w, struct klp_err *err)
{
	struct dry_command *c = dry_run_command(d, path);
	struct dry_list *l;

	if (c) {
		w->objects += !c->reached;
		c->reached = true;
		return 0;
	}
	l = dry_run_list(d, path);
	if (l)
		return reach_members(d, l, w, err);
	return klp_err_set(err, -EBADMSG, ends_with(path, ".a") ? "of what %s is made isn't known, and %s is linked from it" :
			   "nothing compiles %s, and %s is linked from it", path, by);
}

static int reach_all(struct dry_run *d, struct witness *w, struct klp_err *err)
{
	struct dry_list *image = dry_run_list(d, "vmlinux.a");
	int ret = image ? reach_members(d, image, w, err) : 0;

	for (size_t i = 0; !ret && i < sizeof(roots) / sizeof(roots[0]); i++)
		ret = reach(d, roots[i], "vmlinux", w, err);
	for (size_t i = 0; !ret && i < d->nr_lists; i++)
		if (ends_with(d->lists[i].target, ".mod"))
			ret = reach_members(d, &d->lists[i], w, err);
	/* Lost lists of archives leave their members behind. */
	for (size_t i = 0; !ret && i < d->nr_commands; i++)
		if (!d->commands[i].reached && !target_object_apart(d->commands[i].path))
			ret = klp_err_set(err, -EBADMSG, "%s is compiled, but into nothing that vmlinux or a module is linked from",
					  d->commands[i].path);
	return ret;
}

/* ---- what was shipped ---- */

static int check_modules(const struct dry_run *d, const struct shipped *s, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < s->modules.nr; i++) {
		char *list = format("%s.mod", s->modules.list[i]);

		if (!dry_run_list(d, list))
			ret = klp_err_set(err, -EBADMSG, "the module %s.ko is shipped, but nothing makes it", s->modules.list[i]);
		free(list);
	}
	return ret;
}

/* The value of -DNAME='"VALUE"' in a compile command, or its length 0. */
static const char *define_of(const char *command, const char *define, size_t *len)
{
	const char *s = strstr(command, define);

	*len = 0;
	if (!s)
		return NULL;
	s += strlen(define);
	*len = strcspn(s, "\"");
	return s;
}

/* Is there a unit of vmlinux whose @define is @value? */
static bool builtin_has(const struct dry_run *d, const char *define, const char *value)
{
	for (size_t i = 0; i < d->nr_commands; i++) {
		const struct dry_command *c = &d->commands[i];
		size_t n;
		const char *s = c->reached ? define_of(c->command, define, &n) : NULL;

		if (s && n == strlen(value) && !strncmp(s, value, n) && !strstr(c->command, " -DMODULE "))
			return true;
	}
	return false;
}

static int check_builtin(const struct dry_run *d, const struct shipped *s, struct klp_err *err)
{
	static const char file[] = " -DKBUILD_MODFILE='\"", name[] = " -DKBUILD_MODNAME='\"";

	for (size_t i = 0; i < s->builtin.nr; i++)
		if (!builtin_has(d, file, s->builtin.list[i]))
			return klp_err_set(err, -EBADMSG, "modules.builtin has %s.ko, but nothing compiles it into vmlinux",
					   s->builtin.list[i]);
	for (size_t i = 0; i < s->initcalls.nr; i++) {
		const char *want = s->initcalls.list[i];

		/* 7.3 pastes a word that gcc itself defines as 1. */
		if (!builtin_has(d, name, want) &&
		    (strcmp(want, "1") || (!builtin_has(d, name, "unix") && !builtin_has(d, name, "linux"))))
			return klp_err_set(err, -EBADMSG, "the image has an initcall of \"%s\", but nothing of that name is compiled into vmlinux",
					   want);
	}
	return 0;
}

int witness_check(struct dry_run *d, const struct shipped *s, struct witness *out, struct klp_err *err)
{
	struct witness w = { 0 };
	int ret = reach_all(d, &w, err);

	if (!ret)
		ret = check_modules(d, s, err);
	if (!ret)
		ret = check_builtin(d, s, err);
	for (size_t i = 0; !ret && i < s->files.nr; i++)
		if (!dry_run_compiles(d, s->files.list[i]))
			ret = klp_err_set(err, -EBADMSG, "the shipped kernel names its source %s, but nothing compiles it",
					  s->files.list[i]);
	if (!ret)
		*out = w;
	return ret;
}

/* ---- reading what was shipped ---- */

/* "kernel/fs/isofs/isofs.ko.xz: kernel/..." -> "fs/isofs/isofs" */
int witness_modules(const char *text, struct strings *out)
{
	static const char folder[] = "kernel/";

	for (const char *line = text, *end; *line; line = end + (*end != '\0')) {
		const char *ko, *s = line;

		end = line + strcspn(line, "\n");
		if (!strncmp(s, folder, sizeof(folder) - 1))
			s += sizeof(folder) - 1;
		ko = memmem(s, (size_t)(end - s), ".ko", 3);
		if (ko)
			strings_add_len(out, s, (size_t)(ko - s));
	}
	return 0;
}

/* "0x4c9d28b0<TAB>fat_get_cluster<TAB>fs/fat/fat<TAB>EXPORT_SYMBOL_GPL<TAB>" */
int witness_owners(const char *text, struct strings *out)
{
	for (const char *line = text, *end; *line; line = end + (*end != '\0')) {
		const char *s = line;
		size_t n;

		end = line + strcspn(line, "\n");
		for (int i = 0; s && i < 2; i++) {
			s = memchr(s, '\t', (size_t)(end - s));
			s += !!s;
		}
		n = s ? strcspn(s, "\t\n") : 0;
		/* Those of one module follow each other. */
		if (n && strncmp(s, "vmlinux\t", 8) && !(out->nr && strlen(out->list[out->nr - 1]) == n &&
							 !strncmp(out->list[out->nr - 1], s, n)))
			strings_add_len(out, s, n);
	}
	return 0;
}

/* "... d __initcall__kmod_NAME__COUNTER_LINE_FUNCTION6" */
int witness_initcalls(const char *text, struct strings *out)
{
	static const char mark[] = " __initcall__kmod_";

	for (const char *s = text; (s = strstr(s, mark));) {
		const char *end = s += sizeof(mark) - 1;
		char *name;

		/* The first "__" with a number and a '_' behind it ends the name. */
		while (*end && *end != '\n' &&
		       (strncmp(end, "__", 2) || !isdigit((unsigned char)end[2]) ||
			end[2 + strspn(end + 2, "0123456789")] != '_'))
			end++;
		name = *end == '_' ? xstrndup(s, (size_t)(end - s)) : NULL;
		if (name)
			strings_add_once(out, name);
		free(name);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void witness_unique(struct strings *l)
{
	size_t nr = 0;

	if (l->nr)
		qsort(l->list, l->nr, sizeof(*l->list), by_name);
	for (size_t i = 0; i < l->nr; i++) {
		if (nr && !strcmp(l->list[nr - 1], l->list[i]))
			free(l->list[i]);
		else
			l->list[nr++] = l->list[i];
	}
	l->nr = nr;
}

void witness_files(const uint8_t *data, size_t len, struct strings *out)
{
	const char *start = (const char *)data, *end = start + len, *s = start;

	while ((s = memmem(s, (size_t)(end - s), ".c", 3))) {
		const char *from = s;
		bool folder = false;

		while (from > start && (isalnum((unsigned char)from[-1]) || strchr("/._-+,", from[-1])) && from[-1]) {
			from--;
			folder |= *from == '/';
		}
		s += 2;
		if (folder && (from == start || !from[-1]))
			strings_add_len(out, from, (size_t)(s - from));
	}
	witness_unique(out);
}

/* The three places that @name, which @folder's file includes, may lie in. */
static void add_include(struct strings *out, const char *folder, const char *name, size_t len)
{
	char *paths[] = {
		format("%s/%.*s", folder, (int)len, name),
		format("%.*s", (int)len, name),
		format("include/%.*s", (int)len, name),
	};

	for (size_t i = 0; i < 3; i++) {
		path_fold(paths[i]);
		strings_add(out, paths[i]);
		free(paths[i]);
	}
}

void witness_includes(const char *text, const char *folder, struct strings *out)
{
	for (const char *s = text; (s = strstr(s, "include"));) {
		const char *hash = s, *name = s + 7, *end;

		s = name;
		while (hash > text && (hash[-1] == ' ' || hash[-1] == '\t'))
			hash--;
		name += strspn(name, " \t");
		if (hash == text || hash[-1] != '#' || (*name != '"' && *name != '<'))
			continue;
		name++;
		end = name + strcspn(name, "\">\n");
		if (end - name > 2 && !strncmp(end - 2, ".c", 2))
			add_include(out, folder, name, (size_t)(end - name));
	}
}
