// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * linediff.c - which lines differ between two texts; for the hunk filter and
 * for line markers.
 *
 * E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the
 * greedy forward variant with its trace kept.  Fixes are small: D is bounded,
 * beyond it the differing middle counts as one hunk.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "fix.h"

#define MAX_D	3000	/* the trace takes MAX_D^2 / 2 * 4 bytes: 18 MB */

struct line {
	const char *s;
	size_t len;
};

struct myers {
	const struct line *a, *b;
	int n, m;
	int **trace;		/* per d: 2d + 1 furthest x, for k = -d..d */
	int nr_trace;
};

static struct line *split(const char *s, size_t *nr)
{
	struct line *l;
	size_t n = 0;

	for (const char *p = s; *p; p += strcspn(p, "\n"), p += *p == '\n')
		n++;
	l = xcalloc(n, sizeof(*l));
	*nr = n;
	for (n = 0; *s; n++) {
		l[n].s = s;
		l[n].len = strcspn(s, "\n");
		s += l[n].len;
		s += *s == '\n';
	}
	return l;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && !memcmp(a->s, b->s, a->len);
}

/* Furthest x on diagonal @k after @d - 1 edits; -1: out of reach. */
static int reach(const struct myers *my, int d, int k)
{
	return k < -d || k > d ? -1 : my->trace[d][k + d];
}

/* x after the d-th edit on diagonal k, before the run of equal lines. */
static int step(const struct myers *my, int d, int k)
{
	int down = reach(my, d - 1, k + 1), right = reach(my, d - 1, k - 1);

	/* Insertion keeps x, deletion moves it. */
	if (k == -d || (k != d && right < down))
		return down;
	return right + 1;
}

/* The number of edits, or -1 when there are more than MAX_D. */
static int search(struct myers *my)
{
	for (int d = 0; d <= MAX_D; d++) {
		my->trace[d] = xmalloc((2 * (size_t)d + 1) * sizeof(int));
		my->nr_trace = d + 1;
		for (int k = -d; k <= d; k++) {
			int x = d ? step(my, d, k) : 0, y = x - k;

			while (x < my->n && y < my->m && x >= 0 && y >= 0 && same(&my->a[x], &my->b[y])) {
				x++;
				y++;
			}
			my->trace[d][k + d] = x;
			if (x >= my->n && y >= my->m)
				return d;
		}
	}
	return -1;
}

/* Walk the trace back; marks which lines of a are deleted and of b inserted. */
static void backtrack(const struct myers *my, int d, bool *deleted, bool *inserted)
{
	int k = my->n - my->m;

	for (; d > 0; d--) {
		int start = step(my, d, k);

		if (k == -d || (k != d && reach(my, d - 1, k - 1) < reach(my, d - 1, k + 1))) {
			inserted[start - k - 1] = true;
			k++;
		} else {
			deleted[start - 1] = true;
			k--;
		}
	}
}

static void collect(size_t n, size_t m, const bool *deleted, const bool *inserted, size_t skip,
		    struct hunk **out, size_t *nr)
{
	struct hunk *list = NULL;
	size_t i = 0, j = 0, count = 0;

	while (i < n || j < m) {
		struct hunk h = { .old = i + skip, .new = j + skip };

		while (i < n && deleted[i])
			i++;
		while (j < m && inserted[j])
			j++;
		h.old_nr = i + skip - h.old;
		h.new_nr = j + skip - h.new;
		if (!h.old_nr && !h.new_nr) {
			i++;
			j++;
			continue;
		}
		list = xgrow(list, count, sizeof(*list));
		list[count++] = h;
	}
	*out = list;
	*nr = count;
}

static void diff_lines(const struct line *a, size_t n, const struct line *b, size_t m, size_t skip,
		       struct hunk **out, size_t *nr)
{
	struct myers my = { .a = a, .b = b, .n = (int)n, .m = (int)m };
	bool *deleted = xcalloc(n + 1, sizeof(bool)), *inserted = xcalloc(m + 1, sizeof(bool));
	int d;

	my.trace = xcalloc(MAX_D + 1, sizeof(*my.trace));
	d = search(&my);
	if (d < 0) {
		memset(deleted, 1, n);
		memset(inserted, 1, m);
	} else {
		backtrack(&my, d, deleted, inserted);
	}
	collect(n, m, deleted, inserted, skip, out, nr);
	for (int i = 0; i < my.nr_trace; i++)
		free(my.trace[i]);
	free(my.trace);
	free(deleted);
	free(inserted);
}

void line_diff(const char *a, const char *b, struct hunk **out, size_t *nr)
{
	size_t n, m, skip = 0;
	struct line *la = split(a, &n), *lb = split(b, &m);

	while (skip < n && skip < m && same(&la[skip], &lb[skip]))
		skip++;
	while (n > skip && m > skip && same(&la[n - 1], &lb[m - 1])) {
		n--;
		m--;
	}
	diff_lines(la + skip, n - skip, lb + skip, m - skip, skip, out, nr);
	free(la);
	free(lb);
}
