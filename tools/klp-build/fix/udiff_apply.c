// SPDX-License-Identifier: GPL-2.0-or-later
/* udiff_apply.c - put hunks where they belong, or nowhere: see udiff.h. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "err.h"
#include "udiff.h"

/* A file's lines; those that hunks have passed aren't looked at again. */
struct base {
	const char **lines;	/* [nr] is the end */
	size_t nr, at;
	enum udiff_numbers numbers;
	char goes, comes;	/* '-' and '+', or the reverse */
};

/* Lines that the hunk is for, and where they are by its head, 0-based. */
static size_t old_nr(const struct base *b, const struct udiff_hunk *h)
{
	return b->goes == '-' ? h->old_nr : h->new_nr;
}

static long said(const struct base *b, const struct udiff_hunk *h)
{
	return (long)(b->goes == '-' ? h->old : h->new) - (old_nr(b, h) ? 1 : 0);
}

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

	if (from + old_nr(b, h) > b->nr)
		return false;
	for (size_t i = 0; i < h->nr_lines; i++, l = next_line(l)) {
		size_t len;
		const char *s = content(l, &len);

		if (*l == b->comes || *l == '\\')
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

		if (*l == b->comes || *l == '\\')
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

/* The line that a hunk's heading is taken from: the last before it that begins with a name, and isn't a label. */
static bool under_heading(const struct base *b, size_t line, const struct udiff_hunk *h)
{
	size_t want = strcspn(h->heading, "\n");

	while (want && isspace((unsigned char)h->heading[want - 1]))
		want--;
	while (want && line--) {
		const char *s = b->lines[line];
		size_t len = (size_t)(b->lines[line + 1] - s), n = 0;

		if (!isalpha((unsigned char)*s) && *s != '_' && *s != '$')
			continue;
		while (n < len && (isalnum((unsigned char)s[n]) || s[n] == '_'))
			n++;
		if (n < len && s[n] == ':' && !memchr(h->heading, ':', want))
			continue;
		return want <= len && !memcmp(s, h->heading, want);
	}
	return false;
}

struct places {
	size_t nr, first, second;
	size_t nr_named, first_named;	/* under the hunk's heading */
	bool there;			/* one is where it should be */
};

static void find_places(const struct base *b, const struct udiff_hunk *h, long expected, struct places *p)
{
	*p = (struct places){ 0 };
	for (size_t i = b->at; i + old_nr(b, h) <= b->nr; i++) {
		if (!fits(b, h, i))
			continue;
		p->there |= (long)i == expected;
		if (p->nr++)
			p->second = i;
		else
			p->first = i;
		if (under_heading(b, i, h) && !p->nr_named++)
			p->first_named = i;
	}
}

/* Which of several places is meant; false: nothing tells. */
static bool choose(const struct base *b, const struct udiff_hunk *h, const struct places *p, long shift, size_t *place)
{
	bool numbers = b->numbers == UDIFF_OF_BASE && !shift;
	long expected = said(b, h) + shift;

	if (b->numbers == UDIFF_OF_SERIES && p->nr_named == 1) {
		*place = p->first_named;
		return true;
	}
	if (b->numbers == UDIFF_OF_SERIES)
		numbers = p->there && (!p->nr_named || under_heading(b, (size_t)expected, h));
	if (!numbers || !p->there)
		return false;
	*place = (size_t)expected;
	return true;
}

/* Where it belongs; @shift is what the hunk before was off by. */
static int find_place(const struct base *b, const struct udiff_section *s, size_t k, long shift, size_t *place,
		      struct klp_err *err)
{
	const struct udiff_hunk *h = &s->hunks[k];
	long expected = said(b, h) + shift;
	struct places p;

	if (!old_nr(b, h) && b->nr)
		return klp_err_set(err, -ENOTUNIQ,
				   "hunk %zu of %zu (line %zu of the diff) has no line of context to tell its place by; make the diff with some",
				   k + 1, s->nr_hunks, h->at);
	find_places(b, h, expected, &p);
	if (!p.nr)
		return no_place(b, s, k, expected > 0 ? (size_t)expected : 0, err);
	if (p.nr > 1 && !choose(b, h, &p, shift, place))
		return ambiguous(s, k, p.nr, p.first, p.second, err);
	if (p.nr == 1)
		*place = p.first;
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

static void add_hunk(struct text *t, const struct base *b, const struct udiff_hunk *h)
{
	const char *l = h->lines;

	for (size_t i = 0; i < h->nr_lines; i++, l = next_line(l))
		if (*l != b->goes && *l != '\\')
			add_line(t, h, l, i);
}

int udiff_apply(const struct udiff_section *s, const char *base, enum udiff_numbers numbers, bool back,
		struct udiff_place *places, char **out, struct klp_err *err)
{
	struct base b = { .numbers = numbers, .goes = back ? '+' : '-', .comes = back ? '-' : '+' };
	struct text t = { 0 };
	long shift = 0;
	int ret = 0;

	b.lines = line_starts(base ? base : "", &b.nr);
	for (size_t k = 0; k < s->nr_hunks && !ret; k++) {
		const struct udiff_hunk *h = &s->hunks[k];
		size_t at = 0;

		ret = find_place(&b, s, k, shift, &at, err);
		if (ret)
			break;
		shift = (long)at - said(&b, h);
		if (places)
			places[k] = (struct udiff_place){ .line = at + 1, .offset = shift };
		text_add(&t, b.lines[b.at], (size_t)(b.lines[at] - b.lines[b.at]));
		add_hunk(&t, &b, h);
		b.at = at + old_nr(&b, h);
	}
	if (!ret) {
		text_add(&t, b.lines[b.at], (size_t)(b.lines[b.nr] - b.lines[b.at]));
		*out = text_take(&t);
		ret = 0;
	}
	text_free(&t);
	free(b.lines);
	return ret;
}
