// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hunks.c - of all that changed between two versions of a file, keep what a
 * recipe asks for: the changes inside the functions that it names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cscan.h"
#include "err.h"
#include "fix.h"

struct side {
	const char *text;
	const char **lines;	/* start of each line; [nr] is the end */
	size_t nr;
	struct c_declaration *declarations;
	size_t nr_declarations;
};

enum where { INSIDE, OUTSIDE, ACROSS };

static void side_init(struct side *s, const char *text)
{
	s->text = text;
	s->lines = line_starts(text, &s->nr);
	c_scan(text, strlen(text), &s->declarations, &s->nr_declarations);
}

static void side_free(struct side *s)
{
	free(s->lines);
	free(s->declarations);
}

static bool wanted(const struct side *s, const struct c_declaration *p, const struct recipe_file *want)
{
	for (size_t i = 0; i < want->functions.nr; i++)
		if (c_defines(s->text, p, want->functions.list[i]))
			return true;
	return false;
}

static bool blank(const char *line, const char *end)
{
	for (; line < end; line++)
		if (*line != ' ' && *line != '\t' && *line != '\n')
			return false;
	return true;
}

/* Where do @nr lines from @first on lie?  Blank lines are everywhere. */
static enum where locate(const struct side *s, size_t first, size_t nr, const struct recipe_file *want)
{
	bool in = false, out = false;

	for (size_t i = first; i < first + nr; i++) {
		bool hit = false;

		if (blank(s->lines[i], s->lines[i + 1]))
			continue;
		for (size_t k = 0; k < s->nr_declarations && !hit; k++)
			hit = i + 1 >= s->declarations[k].line && i + 1 <= s->declarations[k].end_line &&
			      wanted(s, &s->declarations[k], want);
		in |= hit;
		out |= !hit;
	}
	return in && out ? ACROSS : in ? INSIDE : OUTSIDE;
}

static bool mentions(const struct side *s, size_t first, size_t nr, const struct strings *also)
{
	const char *from = s->lines[first], *to = s->lines[first + nr];

	for (size_t i = 0; i < also->nr; i++)
		if (memmem(from, (size_t)(to - from), also->list[i], strlen(also->list[i])))
			return true;
	return false;
}

/* 1: keep, 0: leave out; -EINVAL: it can't be told. */
static int keep(const struct side *base, const struct side *fixed, const struct hunk *h,
		const struct recipe_file *want, struct klp_err *err)
{
	enum where a = locate(base, h->old, h->old_nr, want);
	enum where b = locate(fixed, h->new, h->new_nr, want);

	if (mentions(base, h->old, h->old_nr, &want->also) ||
	    mentions(fixed, h->new, h->new_nr, &want->also))
		return 1;
	if (a == ACROSS || b == ACROSS)
		return klp_err_set(err, -EINVAL,
				   "%s: the change at line %zu reaches from a named function into something else; name that too (\"functions:\") or a text in it (\"also:\")",
				   want->path, h->new + 1);
	return a == INSIDE || b == INSIDE;
}

/* Does any side define a function of that name? */
static int check_names(const struct side *base, const struct side *fixed,
		       const struct recipe_file *want, struct klp_err *err)
{
	for (size_t i = 0; i < want->functions.nr; i++) {
		const struct side *sides[] = { base, fixed };
		bool found = false;

		for (size_t s = 0; s < 2; s++)
			for (size_t k = 0; k < sides[s]->nr_declarations && !found; k++)
				found = c_defines(sides[s]->text, &sides[s]->declarations[k],
						  want->functions.list[i]);
		if (!found)
			return klp_err_set(err, -EINVAL, "%s defines no function %s", want->path,
					   want->functions.list[i]);
	}
	return 0;
}

static int select_hunks(const struct side *base, const struct side *fixed, const struct hunk *hunks,
			size_t nr, const struct recipe_file *want, char **out, struct klp_err *err)
{
	struct text t = { 0 };
	size_t at = 0, kept = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct hunk *h = &hunks[i];
		int k = keep(base, fixed, h, want, err);

		if (k < 0) {
			text_free(&t);
			return k;
		}
		if (!k)
			continue;
		kept++;
		text_add(&t, base->lines[at], (size_t)(base->lines[h->old] - base->lines[at]));
		text_add(&t, fixed->lines[h->new],
			 (size_t)(fixed->lines[h->new + h->new_nr] - fixed->lines[h->new]));
		at = h->old + h->old_nr;
	}
	text_add(&t, base->lines[at], (size_t)(base->lines[base->nr] - base->lines[at]));
	if (!kept) {
		text_free(&t);
		return klp_err_set(err, -ENODATA, "%s: nothing differs in the named functions",
				   want->path);
	}
	*out = text_take(&t);
	return 0;
}

int hunks_select(const char *base_text, const char *fixed_text, const struct recipe_file *want,
		 char **out, struct klp_err *err)
{
	struct side base = { 0 }, fixed = { 0 };
	struct hunk *hunks = NULL;
	size_t nr = 0;
	int ret;

	side_init(&base, base_text);
	side_init(&fixed, fixed_text);
	line_diff(base_text, fixed_text, &hunks, &nr);
	ret = check_names(&base, &fixed, want, err);
	if (!ret)
		ret = select_hunks(&base, &fixed, hunks, nr, want, out, err);
	free(hunks);
	side_free(&base);
	side_free(&fixed);
	return ret;
}
