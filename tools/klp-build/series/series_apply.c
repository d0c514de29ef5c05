// SPDX-License-Identifier: GPL-2.0-or-later
/* series_apply.c - a commit's files onto a tree's, and what in them it changes: see series_patch.h. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "err.h"
#include "fix/cscan.h"
#include "fix/fix.h"
#include "series_patch.h"

static int apply(const struct udiff_section *f, const char *base, bool back, char **out, struct klp_err *err)
{
	bool created = f->kind == (back ? UDIFF_DELETED : UDIFF_CREATED);
	bool deleted = f->kind == (back ? UDIFF_CREATED : UDIFF_DELETED);
	char *text = NULL;
	int ret;

	if (created && base)
		return klp_err_set(err, -ENOENT, "%s is there already", f->path);
	if (!created && !base)
		return klp_err_set(err, -ENOENT, "the source has no %s", f->path);
	ret = udiff_apply(f, base, UDIFF_OF_SERIES, back, NULL, &text, err);
	if (ret) {
		klp_err_wrap(err, "%s", f->path);
		return ret;
	}
	if (deleted && *text)
		ret = klp_err_set(err, -ENOENT, "%s has more lines than those that go with it", f->path);
	if (ret || deleted) {
		free(text);
		text = NULL;
	}
	if (!ret)
		*out = text;
	return ret;
}

int sp_apply(const struct udiff_section *f, const char *base, char **out, struct klp_err *err)
{
	return apply(f, base, false, out, err);
}

bool sp_is_applied(const struct udiff_section *f, const char *base)
{
	char *text = NULL;
	int ret;

	if (f->from || f->kind == UDIFF_BINARY || f->kind == UDIFF_LINK)
		return false;
	if (f->kind == UDIFF_DELETED)
		return !base;
	ret = apply(f, base, true, &text, NULL);
	free(text);
	return !ret;
}

/* ---- in which functions ---- */

/* "f" of "static int f(", "close" of "SYSCALL_DEFINE1(close", "m" of "#define m(x)". */
static char *name_of(const char *text, const struct c_declaration *p)
{
	size_t pos = p->start, len, end = p->body ? p->body : p->end;
	const char *s, *last = NULL;
	size_t last_len = 0;

	if (p->macro)
		pos += strcspn(text + pos, "d");
	while ((s = c_identifier(text, end, &pos, &len))) {
		if (p->macro && !(len == 6 && !memcmp(s, "define", 6)))
			return xstrndup(s, len);
		last = s;
		last_len = len;
		s += len;
		s += strspn(s, " \t\n");
		if (*s == '(' && !(last_len == 13 && !memcmp(last, "__attribute__", 13)))
			break;
	}
	if (!last)
		return xstrdup("");
	/* SYSCALL_DEFINE1(close, ...): the macro's name is everybody's. */
	if (isupper((unsigned char)*last)) {
		s = c_identifier(text, end, &pos, &len);
		if (s)
			return xstrndup(s, len);
	}
	return xstrndup(last, last_len);
}

static void add_names(const char *text, const struct hunk *hunks, size_t nr, bool new, struct strings *out)
{
	struct c_declaration *declarations = NULL;
	size_t nr_declarations = 0;

	c_scan(text, strlen(text), &declarations, &nr_declarations);
	for (size_t i = 0; i < nr_declarations; i++) {
		const struct c_declaration *p = &declarations[i];
		bool hit = false;
		char *name;

		if (!p->body && !p->macro)
			continue;
		for (size_t k = 0; k < nr && !hit; k++) {
			size_t from = new ? hunks[k].new : hunks[k].old, n = new ? hunks[k].new_nr : hunks[k].old_nr;

			hit = n && from + 1 <= p->end_line && from + n >= p->line;
		}
		if (!hit)
			continue;
		name = name_of(text, p);
		if (*name)
			strings_add_once(out, name);
		free(name);
	}
	free(declarations);
}

void sp_changed_names(const char *old, const char *new, struct strings *out)
{
	struct hunk *hunks = NULL;
	size_t nr = 0;

	old = old ? old : "";
	new = new ? new : "";
	line_diff(old, new, &hunks, &nr);
	add_names(old, hunks, nr, false, out);
	add_names(new, hunks, nr, true, out);
	free(hunks);
}
