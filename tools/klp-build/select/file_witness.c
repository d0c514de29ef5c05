// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file_witness.c - what the prepared kernel itself tells of a file: its compile
 * commands, what make recorded of the programs that it made, its Makefiles.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "file_state.h"
#include "io.h"
#include "select.h"
#include "target/target.h"

#define MAKEFILE_MAX	(1u << 20)
#define CMD_MAX		(4u << 20)

void file_objects(const struct target *t, const char *path, struct strings *objects)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(t, &nr_commands);
	char *src = format("%s/src/", t->dir);
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; i < nr_commands; i++) {
		const char *last = strrchr(commands[i].command, ' ');
		char *source;

		/* The commands spell it in their own way: arch/x86/kvm/../../../virt/kvm/kvm_main.c. */
		if (!last || !ends_with(last, slash ? slash : path) || !starts_with(last + 1, src))
			continue;
		source = xstrdup(last + 1 + strlen(src));
		path_fold(source);
		if (!strcmp(source, path))
			strings_add(objects, commands[i].object);
		free(source);
	}
	free(src);
}

/* ---- what make recorded ---- */

/* Does the record name @path, in a word of its own?  Words may have "a/../". */
static bool record_names(char *text, const char *src, const char *path)
{
	const char *base = strrchr(path, '/');
	bool found = false;

	base = base ? base + 1 : path;
	for (char *s = text; !found && (s = strstr(s, base)); s++) {
		char *from = s, *end = s + strlen(base), *word;

		if (*end && !strchr(" \t\n\\)'\":;", *end))
			continue;
		while (from > text && !strchr(" \t\n('\"=:;", from[-1]))
			from--;
		word = xstrndup(from, (size_t)(end - from));
		path_fold(word);
		/* Programs below tools/ are made in their own folders, with relative names. */
		found = (starts_with(word, src) && !strcmp(word + strlen(src), path)) ||
			(*word != '/' && strlen(path) > strlen(word) && ends_with(path, word) &&
			 path[strlen(path) - strlen(word) - 1] == '/' && starts_with(path, "tools/"));
		free(word);
	}
	return found;
}

/*
 * "obj/scripts/mod/.modpost.o.cmd": of a program or a generated file.  Not the kernel's own
 * objects; nor what is compiled only to take numbers out of it (.s), which includes half the kernel.
 */
static bool is_record(const struct target *t, const FTSENT *e, size_t root_len)
{
	const char *name = e->fts_name;
	size_t n = e->fts_namelen;
	char *object;
	bool own;

	if (e->fts_info != FTS_F || n < 6 || name[0] != '.' || !ends_with(name, ".cmd") ||
	    ends_with(name, ".s.cmd"))
		return false;
	object = format("%.*s%.*s", (int)(e->fts_pathlen - n - root_len - 1), e->fts_path + root_len + 1,
			(int)n - 5, name + 1);
	own = object && target_command(t, object);
	free(object);
	return !own;
}

int file_read_by_build(const struct target *t, const char *path, bool *read, struct klp_err *err)
{
	char *root = format("%s/obj", t->dir), *src = format("%s/src/", t->dir);
	char *roots[] = { root, NULL };
	FTS *fts = root && src ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL) : NULL;
	bool found = false;
	FTSENT *e;
	int ret = fts ? 0 : klp_err_sys(err, -errno, "cannot read the prepared kernel's obj/");

	while (!ret && !found && (e = fts_read(fts))) {
		void *text;
		size_t len;

		if (e->fts_info == FTS_NSOK)
			e->fts_info = FTS_F;
		if (!is_record(t, e, strlen(root)))
			continue;
		ret = io_read_file(e->fts_path, CMD_MAX, &text, &len, err);
		if (!ret) {
			found = record_names(text, src, path);
			free(text);
		}
	}
	if (fts)
		fts_close(fts);
	free(src);
	free(root);
	*read = found;
	return ret;
}

/* ---- Makefiles ---- */

/* Where the logical line with @at begins. */
static const char *line_start(const char *text, const char *at)
{
	for (const char *s = at; s > text; s--)
		if (s[-1] == '\n' && (s - 1 == text || s[-2] != '\\'))
			return s;
	return text;
}

static bool has_word(const char *line, const char *end, const char *word, size_t n)
{
	for (const char *s = line; s + n <= end; s++)
		if (!strncmp(s, word, n) && (s == line || isspace((unsigned char)s[-1])) &&
		    (s + n == end || isspace((unsigned char)s[n])))
			return true;
	return false;
}

/* "genksyms-objs := genksyms.o" where "hostprogs-always-y += genksyms": a program's object. */
static bool of_program(const char *text, const char *line)
{
	size_t n = strcspn(line, " \t:+=");
	const char *dash;

	line += strspn(line, " \t");
	n = strcspn(line, " \t:+=?");
	dash = memrchr(line, '-', n);
	n = dash ? (size_t)(dash - line) : n;
	for (const char *l = text; l && *l; l = strchr(l, '\n'), l = l ? l + 1 : NULL)
		if ((starts_with(l, "hostprogs") || starts_with(l, "userprogs") || starts_with(l, "always")) &&
		    has_word(l + strcspn(l, "=+:"), l + strcspn(l, "\n"), line, n))
			return true;
	return false;
}

/* Is "sub/x.o" a word of the Makefile, on a line that isn't a comment or a program's? */
static bool makefile_names(const char *text, const char *object)
{
	size_t n = strlen(object);

	for (const char *s = text; (s = strstr(s, object)); s++) {
		const char *line = line_start(text, s);
		const char *op = line + strcspn(line, "=\n");

		if ((s > text && (isalnum((unsigned char)s[-1]) || strchr("_-./$", s[-1]))) ||
		    (s[n] && !isspace((unsigned char)s[n]) && !strchr(")\\", s[n])))
			continue;
		if (*line != '#' && *line != '\t' && *op == '=' && op < s && !of_program(text, line))
			return true;
	}
	return false;
}

int file_named_object(const struct target *t, const char *path, bool *named, struct klp_err *err)
{
	static const char *const names[] = { "Makefile", "Kbuild" };
	size_t dir = strlen(path);
	int ret = 0;

	*named = false;
	while (dir && !*named && !ret) {
		char *object;

		for (dir--; dir && path[dir] != '/'; dir--)
			;
		object = format("%.*s.o", (int)(strlen(path) - 2 - dir - (dir != 0)), path + dir + (dir != 0));
		for (size_t i = 0; i < 2 && object && !*named && !ret; i++) {
			char *file = format("%s/src/%.*s/%s", t->dir, (int)dir, path, names[i]);
			void *text = NULL;
			size_t len;

			ret = io_read_file(file, MAKEFILE_MAX, &text, &len,
					   err);
			if (ret == -ENOENT)
				ret = 0;
			else if (!ret)
				*named = makefile_names(text, object);
			free(text);
			free(file);
		}
		free(object);
	}
	return ret;
}

/* The last parts of @path, as many as @tail has; NULL: it has fewer. */
static const char *path_end(const char *path, const char *tail)
{
	const char *s = path + strlen(path);

	for (size_t parts = 1;; tail++) {
		parts += *tail == '/';
		if (*tail)
			continue;
		while (s > path && (s[-1] != '/' || --parts))
			s--;
		return s > path || parts == 1 ? s : NULL;
	}
}

/*
 * Is the word @path's name, as a prerequisite or an argument has it: "$(srctree)/include/linux/socket.h",
 * "$(src)/../../include/asm/cpufeatures.h", "$(srctree)/include/xen/interface/xen*.h"?
 */
static bool word_names_header(const char *word, const char *path)
{
	const char *end;

	if (!ends_with(word, ".h") || (!starts_with(word, "$(srctree)/") && !starts_with(word, "$(src)/")))
		return false;
	while (starts_with(word, "$(srctree)/") || starts_with(word, "$(src)/") || starts_with(word, "../"))
		word = strchr(word, '/') + 1;
	end = path_end(path, word);
	return end && !fnmatch(word, end, FNM_PATHNAME);
}

/* Does a line of the Makefile name it, other than as what the compiler is told to include? */
static bool makefile_names_header(char *text, const char *path)
{
	char *lines = NULL, *words;

	for (char *l = strtok_r(text, "\n", &lines); l; l = strtok_r(NULL, "\n", &lines)) {
		bool included = false;

		if (*l == '#')
			continue;
		for (char *w = strtok_r(l, " \t\\'\";:=", &words); w; w = strtok_r(NULL, " \t\\'\";:=", &words)) {
			if (!included && word_names_header(w, path))
				return true;
			included = !strcmp(w, "-include");
		}
	}
	return false;
}

/* Folders whose Makefiles make nothing of this kernel. */
static bool makes_nothing(const FTSENT *e, size_t root_len)
{
	static const char *const apart[] = { "Documentation", "samples", "tools", "rust", ".git", NULL };
	const char *path = e->fts_path + root_len + 1;

	if (e->fts_level == 2 && starts_with(path, "arch/"))
		return strcmp(path, "arch/x86");
	for (size_t i = 0; e->fts_level == 1 && apart[i]; i++)
		if (!strcmp(path, apart[i]))
			return true;
	return false;
}

static bool is_makefile(const FTSENT *e)
{
	return (e->fts_info == FTS_F || e->fts_info == FTS_NSOK) &&
	       (!strcmp(e->fts_name, "Makefile") || !strcmp(e->fts_name, "Kbuild") ||
		starts_with(e->fts_name, "Makefile."));
}

int file_named_header(const struct target *t, const char *path, bool *named, struct klp_err *err)
{
	char *root = format("%s/src", t->dir), *roots[] = { root, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT,
			    NULL);
	int ret = fts ? 0 : klp_err_sys(err, -errno, "cannot read the kernel's source");
	FTSENT *e;

	*named = false;
	while (!ret && !*named && (e = fts_read(fts))) {
		void *text;
		size_t len;

		if (e->fts_info == FTS_D && makes_nothing(e, strlen(root)))
			fts_set(fts, e, FTS_SKIP);
		if (!is_makefile(e))
			continue;
		ret = io_read_file(e->fts_path, MAKEFILE_MAX, &text, &len, err);
		if (!ret) {
			*named = makefile_names_header(text, path);
			free(text);
		}
	}
	if (fts)
		fts_close(fts);
	free(root);
	return ret;
}

static bool is_object_of(const struct target *t, const char *object, const char *path)
{
	struct strings own = { 0 };
	bool is;

	file_objects(t, path, &own);
	is = strings_have(&own, object);
	strings_free(&own);
	return is;
}

/* Assembly is included by assembly, all of it below arch/x86/: "../../kernel/verify_cpu.S". */
static int assembly_includes(const struct target *t, const char *path, bool *included, struct klp_err *err)
{
	char *root = format("%s/src/arch/x86", t->dir), *roots[] = { root, NULL };
	const char *base = strrchr(path, '/');
	char *name = format("%s\"", base ? base + 1 : path);
	FTS *fts = root && name ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	int ret = fts ? 0 : klp_err_sys(err, -errno, "cannot read the kernel's source");
	FTSENT *e;

	while (!ret && !*included && (e = fts_read(fts))) {
		void *text;
		size_t len;

		if (e->fts_info != FTS_F || !ends_with(e->fts_name, ".S"))
			continue;
		ret = io_read_file(e->fts_path, MAKEFILE_MAX, &text, &len, err);
		if (!ret) {
			*included = strstr(text, name);
			free(text);
		}
	}
	if (fts)
		fts_close(fts);
	free(name);
	free(root);
	return ret;
}

int file_is_included(const struct target *t, const char *path, bool *included, struct klp_err *err)
{
	struct strings files = { 0 }, objects = { 0 }, reached = { 0 };
	int ret;

	*included = false;
	if (ends_with(path, ".S"))
		return assembly_includes(t, path, included, err);
	strings_add(&files, path);
	ret = includes_closure(t, &files, &reached, &objects, NULL, NULL, err);

	for (size_t i = 0; !ret && i < objects.nr && !*included; i++)
		/* bounds.c and asm-offsets.c have no object: what is taken from theirs is in generated headers. */
		*included |= !is_object_of(t, objects.list[i], path) &&
			     (ends_with(path, ".h") || target_command(t, objects.list[i]));
	strings_free(&files);
	strings_free(&objects);
	strings_free(&reached);
	return ret;
}
