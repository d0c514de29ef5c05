// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mitigate.c - see mitigate.h.
 *
 * A mitigation is a fix like any other, one line at the head of a function; all that proves a fix
 * proves this one.  It is written as a declaration, so that the function's own ones may follow.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/patch_names.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cscan.h"
#include "err.h"
#include "io.h"
#include "mitigate.h"
#include "target/target.h"

#define SOURCE_MAX	(32u << 20)
#define CONTEXT		3

static bool word_is(const char *id, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(id, word, len);
}

/* "static void name(": void, and no pointer, before the name.  What a macro defines returns something. */
static bool returns_nothing(const char *text, const struct c_declaration *p, const char *function)
{
	size_t pos = p->start, len, after = 0;
	const char *id;

	while ((id = c_identifier(text, p->body, &pos, &len))) {
		if (word_is(id, len, function))
			return after && !memchr(text + after, '*', id - text - after);
		if (word_is(id, len, "void"))
			after = id + len - text;
	}
	return false;
}

static void add_statement(struct text *t, const struct mitigation *m)
{
	text_addf(t, "+\t_Bool qp_refused __attribute__((unused)) = ({ extern _Bool %s(const char *, long long); "
		  "_Pragma(\"GCC diagnostic push\") _Pragma(\"GCC diagnostic error \\\"-Wreturn-type\\\"\") "
		  "_Pragma(\"GCC diagnostic error \\\"-Wint-conversion\\\"\") "
		  "_Pragma(\"GCC diagnostic error \\\"-Wincompatible-pointer-types\\\"\") "
		  "if ((%s) && %s(\"%s\", %lldLL)) return %s; _Pragma(\"GCC diagnostic pop\") 0; });\n",
		  QP_MITIGATES, m->when ? m->when : "1", QP_MITIGATES, m->function, (long long)m->expires,
		  m->value ? m->value : "");
}

/* Lines [from, to) with @mark before each. */
static void add_lines(struct text *t, char mark, const char **lines, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		text_add(t, &mark, 1);
		text_add(t, lines[i], (size_t)(lines[i + 1] - lines[i]));
	}
}

/*
 * The statement comes right behind the brace.  What else is on the brace's line ("{ return x; }") goes to a
 * line of its own.
 */
static void write_hunk(const char *file, const char *text, const struct c_declaration *p, const struct mitigation *m,
		       char **out)
{
	size_t nr, line = 0, from, to;
	const char **lines = line_starts(text, &nr);
	const char *behind = text + p->body + 1;
	struct text t = { 0 };
	bool ends_line;

	while (line + 1 < nr && lines[line + 1] <= text + p->body)
		line++;
	ends_line = *behind == '\n';
	from = line > CONTEXT ? line - CONTEXT : 0;
	to = line + 1 + CONTEXT < nr ? line + 1 + CONTEXT : nr;
	text_addf(&t, "%s() refuses until a fix is there, and counts who tries.\n\n"
		  "--- a/%s\n+++ b/%s\n@@ -%zu,%zu +%zu,%zu @@\n", m->function, file, file, from + 1, to - from,
		  from + 1, to - from + (ends_line ? 1 : 2));
	add_lines(&t, ' ', lines, from, ends_line ? line + 1 : line);
	if (!ends_line) {
		add_lines(&t, '-', lines, line, line + 1);
		text_addf(&t, "+%.*s\n", (int)(behind - lines[line]), lines[line]);
	}
	add_statement(&t, m);
	if (!ends_line)
		text_addf(&t, "+%.*s", (int)(lines[line + 1] - behind), behind);
	add_lines(&t, ' ', lines, line + 1, to);
	free(lines);
	*out = text_take(&t);
}

int mitigate_file(const char *file, const char *text, size_t len, const struct mitigation *m, char **out,
		  struct klp_err *err)
{
	struct c_declaration *declarations = NULL;
	size_t nr, i;
	bool nothing;
	int ret;

	*out = NULL;
	c_scan(text, len, &declarations, &nr);
	ret = klp_err_set(err, -ENOENT, "%s doesn't define %s()", file, m->function);
	for (i = 0; i < nr; i++) {
		if (!c_defines(text, &declarations[i], m->function))
			continue;
		nothing = returns_nothing(text, &declarations[i], m->function);
		if (nothing && m->value)
			ret = klp_err_set(err, -EINVAL, "%s() of %s returns nothing: --return void", m->function, file);
		else if (!nothing && !m->value)
			ret = klp_err_set(err, -EINVAL, "%s() of %s returns something: --return VALUE", m->function, file);
		else {
			write_hunk(file, text, &declarations[i], m, out);
			ret = 0;
		}
		break;
	}
	/* Under #if and #else the wrong one of two would refuse. */
	for (i++; !ret && i < nr; i++)
		if (c_defines(text, &declarations[i], m->function)) {
			free(*out);
			*out = NULL;
			ret = klp_err_set(err, -EEXIST, "%s defines %s() several times; write the mitigation as a "
					  "diff, and build that", file, m->function);
		}
	free(declarations);
	return ret;
}

static int try_file(const struct target *t, const char *file, const struct mitigation *m, char **out,
		    struct klp_err *err)
{
	char *path = format("%s/src/%s", t->dir, file);
	void *text;
	size_t len;
	int ret = io_read_file(path, SOURCE_MAX, &text, &len, err);

	free(path);
	if (ret)
		return ret;
	ret = memmem(text, len, m->function, strlen(m->function)) ?
	      mitigate_file(file, text, len, m, out, err) : -ENOENT;
	free(text);
	return ret;
}

/* All files of the kernel that compile; one of them may define it.  What speaks against that one is told only if it is the only one. */
static int search_files(const struct target *t, const struct mitigation *m, char **out, char **file_out,
			struct klp_err *err)
{
	size_t nr_commands;
	const struct compile_command *commands = target_commands(t, &nr_commands);
	char *found = NULL, *file, *diff = NULL;
	struct klp_err why = { 0 }, first = { 0 };
	int ret = 0, verdict = -ENOENT;

	for (size_t i = 0; !ret && i < nr_commands; i++) {
		const char *object = commands[i].object;
		size_t n = strlen(object);

		if (n < 3 || !target_object_of(t, object))
			continue;
		file = format("%.*s.c", (int)(n - 2), object);
		path_fold(file);
		ret = found && !strcmp(found, file) ? -ENOENT : try_file(t, file, m, &diff, &why);
		if (ret == -ENOENT) {
			ret = 0;	/* assembler, generated, or another function's */
			free(file);
		} else if (found) {
			free(diff);
			ret = klp_err_set(err, -EEXIST, "several files define %s(), %s and %s among them; say which: "
					  "--function %s@FILE", m->function, found, file, m->function);
			free(file);
		} else {
			*out = diff;
			found = file;
			verdict = ret;
			first = why;
			ret = 0;
		}
		diff = NULL;
	}
	if (!ret && !found)
		ret = klp_err_set(err, -ENOENT, "no C file that kernel %s is built from defines a function %s()", t->krel,
				  m->function);
	else if (!ret && verdict)
		ret = klp_err_set(err, verdict, "%s", first.text);
	if (ret) {
		free(*out);
		*out = NULL;
	}
	*file_out = found;
	return ret;
}

/* "fs/isofs/rock.c" -> "isofs".  A file that another one includes is taken for vmlinux's. */
static char *object_of(const struct target *t, const char *file)
{
	char *object = format("%.*s.o", (int)strlen(file) - 2, file);
	const char *name = target_object_of(t, object);

	free(object);
	return xstrdup(name ? name : "vmlinux");
}

int mitigate_diff(const struct target *t, const struct mitigation *m, char **out, char **object, struct klp_err *err)
{
	char *file = NULL;
	int ret;

	*out = *object = NULL;
	if (!m->file) {
		ret = search_files(t, m, out, &file, err);
	} else {
		ret = try_file(t, m->file, m, out, err);
		file = xstrdup(m->file);
	}
	if (m->file && ret == -ENOENT)
		klp_err_set(err, ret, "%s of kernel %s doesn't define %s()", m->file, t->krel, m->function);
	*object = !ret && file ? object_of(t, file) : NULL;
	free(file);
	return ret;
}
