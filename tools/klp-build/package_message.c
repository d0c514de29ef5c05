// SPDX-License-Identifier: GPL-2.0-or-later
/* package_message.c - see package_message.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "package.h"
#include "package_message.h"

/* "/.../patched/fs/x.c:12:3: ": of the package's files, if it is one. */
static size_t parse_place(const struct pkg *p, const char *line, const char *end, unsigned long *nr)
{
	const char *in = memmem(line, (size_t)(end - line), "/patched/", 9);
	const char *path = in ? in + 9 : line;
	size_t n = strcspn(path, ":\n"), i = 0;

	*nr = path[n] == ':' ? strtoul(path + n + 1, NULL, 10) : 0;
	while (i < p->nr_files && (strncmp(p->files[i].path, path, n) || p->files[i].path[n]))
		i++;
	return i;
}

/* "FILE:LINE:COL: note: declared here", among the lines up to the next error. */
static void parse_declared(const struct pkg *p, const char *l, struct gcc_error *e)
{
	e->declared_file = p->nr_files;
	for (const char *end; *l; l = *end ? end + 1 : end) {
		size_t n = strcspn(l, "\n");

		end = l + n;
		if (memmem(l, n, "error: ", 7))
			return;
		if (!memmem(l, n, ": note: declared here", 21))
			continue;
		e->declared_file = parse_place(p, l, end, &e->declared_line);
		return;
	}
}

/* "  345 |   code": what follows the bar. */
static void parse_code(const char *line, struct gcc_error *e)
{
	const char *s = line + strspn(line, " ");

	e->code = e->code_end = line;
	if (!isdigit((unsigned char)*s))
		return;
	s += strspn(s, "0123456789");
	if (starts_with(s, " | ")) {
		e->code = s + 3;
		e->code_end = s + strcspn(s, "\n");
	}
}

bool gcc_error_next(const struct pkg *p, const char **s, struct gcc_error *e)
{
	const char *l = *s, *end, *next;

	for (; *l; l = next) {
		end = l + strcspn(l, "\n");
		next = *end ? end + 1 : end;
		e->end = end;
		e->text = memmem(l, (size_t)(end - l), "fatal error: ", 13);
		if (!e->text)
			e->text = memmem(l, (size_t)(end - l), "error: ", 7);
		if (!e->text)
			continue;
		e->file = parse_place(p, l, end, &e->line);
		parse_code(next, e);
		parse_declared(p, next, e);
		*s = next;
		return true;
	}
	return false;
}
