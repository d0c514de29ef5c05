// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series_wait.c - which of the commits that were left out a later one can't do
 * without: see series.h.
 *
 * It is asked by doing: with them it applies, or compiles, and without them it
 * doesn't.  What the compiler says plays no part.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "err.h"
#include "series.h"

static int test_beginning(int (*test)(void *arg, const bool *on, struct klp_err *err), void *arg, const bool *on,
			  size_t nr, size_t first, struct klp_err *err)
{
	bool *try = xcalloc(nr + 1, sizeof(*try));
	int yes;

	memcpy(try, on, nr);
	memset(try, true, first);
	yes = test(arg, try, err);
	free(try);
	return yes;
}

int series_narrow(size_t nr, int (*test)(void *arg, const bool *on, struct klp_err *err), void *arg, bool *on,
		  struct klp_err *err)
{
	/* What is in @on and the first @high together do. */
	size_t high = nr;
	int yes;

	memset(on, false, nr);
	yes = nr ? test_beginning(test, arg, on, nr, nr, err) : 0;
	if (yes != 1)
		return yes;
	do {
		size_t low = 1;

		/* The shortest beginning that does: its last one is needed. */
		while (low < high) {
			size_t mid = (low + high) / 2;

			yes = test_beginning(test, arg, on, nr, mid, err);
			if (yes < 0)
				return yes;
			if (yes)
				high = mid;
			else
				low = mid + 1;
		}
		on[--high] = true;
		yes = test_beginning(test, arg, on, nr, 0, err);
	} while (!yes && high);
	return yes < 0 ? yes : 1;
}

struct asked {
	struct series *s;
	const struct sp_commit *c;
	size_t *candidates;	/* indices into s->out */
	size_t nr;
};

static bool shares_file(json_t *out, const struct sp_commit *c)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(out, "files"), i, f)
		for (size_t k = 0; k < c->diff.nr; k++) {
			const struct udiff_section *file = &c->diff.sections[k];

			if (!strcmp(json_string_value(f), file->path) || (file->from && !strcmp(json_string_value(f), file->from)))
				return true;
		}
	return false;
}

/* A header may give names to everybody. */
static bool may_give_names(json_t *out)
{
	size_t i;
	json_t *f;

	json_array_foreach(json_object_get(out, "files"), i, f)
		if (ends_with(json_string_value(f), ".h"))
			return true;
	return false;
}

static void find_candidates(struct asked *a, bool headers)
{
	size_t i;
	json_t *o;

	a->candidates = xcalloc(json_array_size(a->s->out) + 1, sizeof(*a->candidates));
	json_array_foreach(a->s->out, i, o)
		if (shares_file(o, a->c) || (headers && may_give_names(o)))
			a->candidates[a->nr++] = i;
}

/* Of a commit the code: what else is in it doesn't make another one compile. */
static void only_code(struct udiff *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->nr; i++) {
		struct udiff_section *s = &d->sections[i];

		if (ends_with(s->path, ".c") || ends_with(s->path, ".h"))
			d->sections[kept++] = *s;
		else
			udiff_section_free(s);
	}
	d->nr = kept;
}

/* The tree with the chosen ones. */
static int put_others_on(const struct asked *a, const bool *on, struct edits *e, struct klp_err *err)
{
	struct klp_err ignored = { 0 };
	int ret = 0;

	for (size_t i = 0; !ret && i < a->nr; i++) {
		json_t *o = json_array_get(a->s->out, a->candidates[i]);
		struct sp_commit c = { 0 };
		char *text = NULL;
		size_t len;

		if (!on[i])
			continue;
		ret = a->s->text(a->s->arg, (size_t)json_integer_value(json_object_get(o, "nr")), &text, &len, err);
		if (!ret)
			ret = sp_parse(text, len, &c, err);
		if (!ret)
			only_code(&c.diff);
		/* One that doesn't apply now has reasons of its own. */
		if (!ret)
			edits_apply(e, &a->s->tree, &c, &ignored);
		sp_free(&c);
		free(text);
	}
	return ret;
}

/* The same, and @c; 1: they apply, 0: they don't. */
static int put_on(const struct asked *a, const bool *on, struct edits *e, struct klp_err *err)
{
	struct klp_err ignored = { 0 };
	int ret = put_others_on(a, on, e, err);

	return ret ? ret : !edits_apply(e, &a->s->tree, a->c, &ignored);
}

static int applies(void *arg, const bool *on, struct klp_err *err)
{
	struct edits e = { 0 };
	int ret = put_on(arg, on, &e, err);

	edits_free(&e);
	return ret;
}

static int compiles(void *arg, const bool *on, struct klp_err *err)
{
	struct asked *a = arg;
	struct edits e = { 0 };
	json_t *verdict = NULL;
	bool *groups = NULL;
	int ret = put_on(a, on, &e, err);

	if (ret == 1) {
		groups = series_groups_of(a->s, &e);
		ret = series_try(a->s, groups, &e, NULL, &verdict, err);
		if (!ret)
			ret = series_compiled(verdict);
	}
	json_decref(verdict);
	free(groups);
	edits_free(&e);
	return ret;
}

/* @before may be NULL. */
static int look(struct series *s, const struct sp_commit *c, bool headers,
		int (*test)(void *, const bool *, struct klp_err *), json_t *waits, struct edits *before, struct klp_err *err)
{
	struct asked a = { .s = s, .c = c };
	bool *on;
	int ret;

	find_candidates(&a, headers);
	on = xcalloc(a.nr + 1, sizeof(*on));
	ret = series_narrow(a.nr, test, &a, on, err);
	for (size_t i = 0; ret == 1 && i < a.nr; i++)
		if (on[i])
			json_array_append(waits, json_object_get(json_array_get(s->out, a.candidates[i]), "nr"));
	if (ret == 1 && before)
		ret = put_others_on(&a, on, before, err);
	free(on);
	free(a.candidates);
	return ret < 0 ? ret : 0;
}

int wait_to_apply(struct series *s, const struct sp_commit *c, json_t *waits, struct edits *before, struct klp_err *err)
{
	return look(s, c, false, applies, waits, before, err);
}

int wait_to_compile(struct series *s, const struct sp_commit *c, json_t *waits, struct klp_err *err)
{
	return look(s, c, true, compiles, waits, NULL, err);
}

static bool holds(json_t *list, json_t *item)
{
	size_t i;
	json_t *x;

	json_array_foreach(list, i, x)
		if (json_equal(x, item))
			return true;
	return false;
}

int wait_for_same(struct series *s, json_t *things, const char *key, json_t *waits)
{
	size_t i, k;
	json_t *o, *thing;

	json_array_foreach(s->out, i, o)
		json_array_foreach(things, k, thing)
			if (holds(json_object_get(o, key), thing)) {
				if (!holds(waits, json_object_get(o, "nr")) &&
				    json_array_append(waits, json_object_get(o, "nr")))
					return -ENOMEM;
				break;
			}
	return 0;
}
