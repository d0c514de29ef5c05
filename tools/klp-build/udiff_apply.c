// SPDX-License-Identifier: GPL-2.0-or-later
/* udiff_apply.c - put hunks where they belong, or nowhere: see udiff.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "text.h"
#include "udiff.h"

/* A file's lines; those that hunks have passed aren't looked at again. */
struct base {
	const char **lines;	/* [nr] is the end */
	size_t nr, at;
};

static const char *next_line(const char *l)
{
	l += strcspn(l, "\n");
	return l + (*l == '\n');
}

/* A line of a hunk without its first character; one without any is an empty line of context. */
static const char *content(const char *l, size_t *len)
{
	const char *s = *l == '\n' ? l : l + 1;

	*len = strcspn(s, "\n");
	return s;
}

/* Does the next line say that this one has no newline? */
static bool without_newline(const struct udiff_hunk *h, const char *l, size_t i)
{
	return i + 1 < h->nr_lines && *next_line(l) == '\\';
}

static bool line_equals(const struct base *b, size_t i, const char *s, size_t len, bool newline)
{
	const char *line = b->lines[i], *end = b->lines[i + 1];
	bool has = end > line && end[-1] == '\n';

	return (size_t)(end - line) == len + has && has == newline && !memcmp(line, s, len);
}

/* Is all that the hunk expects there, from line @from (0-based) on? */
static bool fits(const struct base *b, const struct udiff_hunk *h, size_t from)
{
	const char *l = h->lines;
	size_t at = from;

	if (from + h->old_nr > b->nr)
		return false;
	for (size_t i = 0; i < h->nr_lines; i++, l = next_line(l)) {
		size_t len;
		const char *s = content(l, &len);

		if (*l == '+' || *l == '\\')
			continue;
		if (!line_equals(b, at++, s, len, !without_newline(h, l, i)))
			return false;
	}
	return true;
}

/* The first line of the hunk that isn't there, for the message; both 1-based. */
static size_t first_wrong(const struct base *b, const struct udiff_hunk *h, size_t from, const char **line)
{
	const char *l = h->lines;
	size_t at = from;

	for (size_t i = 0; i < h->nr_lines; i++, l = next_line(l)) {
		size_t len;
		const char *s = content(l, &len);

		if (*l == '+' || *l == '\\')
			continue;
		if (at >= b->nr || !line_equals(b, at, s, len, !without_newline(h, l, i))) {
			*line = s;
			break;
		}
		at++;
	}
	return at + 1;
}

static int no_place(const struct base *b, const struct udiff_section *s, size_t k, size_t want,
		    struct klp_err *err)
{
	const struct udiff_hunk *h = &s->hunks[k];
	const char *line = "";
	size_t at = first_wrong(b, h, want, &line);

	return klp_err_set(err, -ENOENT,
			   "hunk %zu of %zu (line %zu of the diff) fits nowhere: line %zu should be \"%.*s\"; it has to fit to the letter, fuzz could hit another function",
			   k + 1, s->nr_hunks, h->at, at, (int)strcspn(line, "\r\n"), line);
}

static int ambiguous(const struct udiff_section *s, size_t k, size_t nr, size_t a, size_t b, struct klp_err *err)
{
	return klp_err_set(err, -ENOTUNIQ,
			   "hunk %zu of %zu (line %zu of the diff) fits at %zu places, as at lines %zu and %zu: which one is meant can't be told",
			   k + 1, s->nr_hunks, s->hunks[k].at, nr, a + 1, b + 1);
}

/*
 * Where it belongs: the only place that it fits, or of several the one that its head says, unless an
 * earlier hunk has shown that the file isn't the one that the lines' numbers are of.
 */
static int find_place(const struct base *b, const struct udiff_section *s, size_t k, bool lines_known,
		      long shift, size_t *place, struct klp_err *err)
{
	const struct udiff_hunk *h = &s->hunks[k];
	long said = (long)h->old - (h->old_nr ? 1 : 0);
	size_t hits = 0, first = 0, second = 0;
	bool there = false;

	if (!h->old_nr && b->nr)
		return klp_err_set(err, -ENOTUNIQ,
				   "hunk %zu of %zu (line %zu of the diff) has no line of context to tell its place by; make the diff with some",
				   k + 1, s->nr_hunks, h->at);
	for (size_t i = b->at; i + h->old_nr <= b->nr; i++) {
		if (!fits(b, h, i))
			continue;
		there |= (long)i == said;
		if (hits++)
			second = i;
		else
			first = i;
	}
	if (!hits)
		return no_place(b, s, k, said + shift > 0 ? (size_t)(said + shift) : 0, err);
	if (hits > 1 && (!there || shift || !lines_known))
		return ambiguous(s, k, hits, first, second, err);
	*place = there && hits > 1 ? (size_t)said : first;
	return 0;
}

static void add_line(struct text *t, const struct udiff_hunk *h, const char *l, size_t i)
{
	size_t len;
	const char *s = content(l, &len);

	text_add(t, s, len);
	if (!without_newline(h, l, i))
		text_add(t, "\n", 1);
}

static void add_hunk(struct text *t, const struct udiff_hunk *h)
{
	const char *l = h->lines;

	for (size_t i = 0; i < h->nr_lines; i++, l = next_line(l))
		if (*l != '-' && *l != '\\')
			add_line(t, h, l, i);
}

int udiff_apply(const struct udiff_section *s, const char *base, bool lines_known,
		struct udiff_place *places, char **out, struct klp_err *err)
{
	struct base b = { 0 };
	struct text t = { 0 };
	long shift = 0;
	int ret = 0;

	b.lines = line_starts(base ? base : "", &b.nr);
	if (!b.lines)
		return klp_err_sys(err, -ENOMEM, "diff");
	for (size_t k = 0; k < s->nr_hunks && !ret; k++) {
		const struct udiff_hunk *h = &s->hunks[k];
		size_t at = 0;

		ret = find_place(&b, s, k, lines_known, shift, &at, err);
		if (ret)
			break;
		if (places)
			places[k] = (struct udiff_place){
				.line = at + 1,
				.offset = (long)at - ((long)h->old - (h->old_nr ? 1 : 0)),
			};
		shift = (long)at - ((long)h->old - (h->old_nr ? 1 : 0));
		text_add(&t, b.lines[b.at], (size_t)(b.lines[at] - b.lines[b.at]));
		add_hunk(&t, h);
		b.at = at + h->old_nr;
	}
	if (!ret) {
		text_add(&t, b.lines[b.at], (size_t)(b.lines[b.nr] - b.lines[b.at]));
		*out = text_take(&t);
		ret = *out ? 0 : klp_err_sys(err, -ENOMEM, "diff");
	}
	text_free(&t);
	free(b.lines);
	return ret;
}
