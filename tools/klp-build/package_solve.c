// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_solve.c - of one file's change, the part that goes in.
 *
 * The whole first, with what it turns out to need of other files.  If that is
 * refused, without the groups that the refusals name; if they name none of the
 * file's own, or it doesn't compile so, each group by itself and then those
 * together that went in alone.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build_priv.h"
#include "err.h"
#include "package.h"

#define MAX_EXTEND	10	/* rounds of adding what is lacking */
#define MAX_ROUNDS	4	/* of dropping what was refused */

struct solve {
	const struct pkg *p;
	const struct build_options *base;
	size_t file;
	json_t *parts;		/* [{functions, outcome, refusals | message}] */
	struct pick done;	/* what goes in */
};

static const char *outcome_of(json_t *v)
{
	const char *s = json_string_value(json_object_get(v, "outcome"));

	return s ? s : "failed";
}

static bool is(json_t *v, const char *outcome)
{
	return !strcmp(outcome_of(v), outcome);
}

/* Try, adding what is missing, until it changes nothing. */
static int try_extended(struct solve *s, struct pick *k, json_t **verdict, struct klp_err *err)
{
	json_t *v = NULL;
	int ret = pkg_try(k, s->base, &v, err);

	for (int i = 0; !ret && i < MAX_EXTEND && !is(v, "built") && !is(v, "no-change"); i++) {
		if (!pick_extend(k, v))
			break;
		json_decref(v);
		v = NULL;
		ret = pkg_try(k, s->base, &v, err);
	}
	if (!ret)
		*verdict = v;
	return ret;
}

/* The pieces of the file's groups that @k has. */
static json_t *piece_names(const struct solve *s, const struct pick *k)
{
	const struct pkg_file *f = &s->p->files[s->file];
	json_t *list = json_array(), *seen = json_object();

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const char *name = f->hunks[i].piece;

		if (!pick_has(k, s->file, f->hunks[i].group) || !*name ||
		    json_object_get(seen, name))
			continue;
		json_object_set_new(seen, name, json_true());
		json_array_append_new(list, json_string(name));
	}
	json_decref(seen);
	return list;
}

static json_t *other_files(const struct solve *s, const struct pick *k)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->p->nr_files; i++)
		for (size_t g = 0; i != s->file && k->on[i] && g < s->p->files[i].nr_groups; g++)
			if (k->on[i][g]) {
				json_array_append_new(list, json_string(s->p->files[i].path));
				break;
			}
	return list;
}

/* Note what became of the selection; two that grew into the same are one. */
static void add_part(struct solve *s, const struct pick *k, json_t *v)
{
	json_t *part = json_pack("{s:o,s:o,s:s,s:O?,s:O?,s:O?}", "pieces", piece_names(s, k), "with",
				 other_files(s, k), "outcome", outcome_of(v), "refusals",
				 json_object_get(v, "refusals"), "message",
				 json_object_get(v, "message"), "functions",
				 json_object_get(v, "functions"));
	json_t *had;
	size_t i;

	json_array_foreach(s->parts, i, had)
		if (json_equal(had, part))
			break;
	if (i == json_array_size(s->parts))
		json_array_append(s->parts, part);
	json_decref(part);
}

static int merge(struct pick *to, const struct pick *from)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < from->pkg->nr_files; i++)
		for (size_t g = 0; !ret && from->on[i] && g < from->pkg->files[i].nr_groups; g++)
			if (from->on[i][g])
				ret = pick_set(to, i, g, true);
	return ret;
}

/* "__do_sys_madvise" is of the piece "madvise"; "f.constprop.0" of "f". */
static bool names_piece(const char *function, const char *piece)
{
	size_t n = strlen(piece), m = strlen(function);

	if (!n || m < n)
		return false;
	if (!strncmp(function, piece, n) && (m == n || function[n] == '.'))
		return true;
	return function[0] == '_' && function[1] == '_' && m > n && function[m - n - 1] == '_' &&
	       !strcmp(function + m - n, piece);
}

/* Move the file's groups that the refusals name from @k to @bad; how many. */
static size_t move_refused(const struct solve *s, struct pick *k, struct pick *bad, json_t *v)
{
	const struct pkg_file *f = &s->p->files[s->file];
	size_t i, moved = 0;
	json_t *r;

	json_array_foreach(json_object_get(v, "refusals"), i, r) {
		const char *function = json_string_value(json_object_get(r, "function"));

		for (size_t h = 0; function && h < f->nr_hunks; h++) {
			size_t g = f->hunks[h].group;

			if (!pick_has(k, s->file, g) || !names_piece(function, f->hunks[h].piece))
				continue;
			if (!pick_set(k, s->file, g, false) && !pick_set(bad, s->file, g, true))
				moved++;
		}
	}
	return moved;
}

/* What other files gave for groups that are out is out as well: start from the file's own groups. */
static int own_groups(const struct solve *s, const struct pick *k, struct pick *own)
{
	int ret = pick_init(own, s->p);

	for (size_t g = 0; !ret && g < s->p->files[s->file].nr_groups; g++)
		if (pick_has(k, s->file, g))
			ret = pick_set(own, s->file, g, true);
	return ret;
}

/* Each group alone, then together those that went in. */
static int solve_alone(struct solve *s, const struct pick *from, struct klp_err *err)
{
	struct pick all = { 0 }, one = { 0 };
	size_t good = 0;
	json_t *v = NULL;
	int ret = pick_init(&all, s->p) ? klp_err_sys(err, -ENOMEM, "package") : 0;

	for (size_t g = 0; !ret && g < s->p->files[s->file].nr_groups; g++) {
		if (!pick_has(from, s->file, g))
			continue;
		if (pick_init(&one, s->p) || pick_set(&one, s->file, g, true))
			ret = klp_err_sys(err, -ENOMEM, "package");
		if (!ret)
			ret = try_extended(s, &one, &v, err);
		if (!ret) {
			if (is(v, "built"))
				good++, ret = merge(&all, &one);
			else
				add_part(s, &one, v);
			json_decref(v);
		}
		pick_free(&one);
	}
	if (!ret && good) {
		ret = try_extended(s, &all, &v, err);
		if (!ret) {
			add_part(s, &all, v);
			if (is(v, "built"))
				ret = merge(&s->done, &all);
			json_decref(v);
		}
	}
	pick_free(&all);
	return ret;
}

static size_t nr_own(const struct solve *s, const struct pick *k)
{
	size_t n = 0;

	for (size_t g = 0; g < s->p->files[s->file].nr_groups; g++)
		n += pick_has(k, s->file, g);
	return n;
}

/* One round; 1: another one makes sense, with *k the rest. */
static int solve_round(struct solve *s, struct pick *k, struct klp_err *err)
{
	struct pick try = { 0 }, bad = { 0 };
	json_t *v = NULL;
	int ret = pick_copy(&try, k) || pick_init(&bad, s->p) ?
		  klp_err_sys(err, -ENOMEM, "package") : 0;

	if (!ret)
		ret = try_extended(s, &try, &v, err);
	if (ret)
		goto out;
	if (is(v, "refused") && nr_own(s, &try) > 1 && move_refused(s, k, &bad, v)) {
		add_part(s, &bad, v);
		ret = pick_empty(k) ? 0 : 1;
	} else if (!is(v, "built") && !is(v, "no-change") && nr_own(s, k) > 1) {
		ret = solve_alone(s, k, err);
	} else {
		add_part(s, &try, v);
		if (is(v, "built"))
			ret = merge(&s->done, &try);
	}
out:
	json_decref(v);
	pick_free(&try);
	pick_free(&bad);
	return ret;
}

static json_t *picked_json(const struct pick *k)
{
	json_t *j = json_object();

	for (size_t i = 0; i < k->pkg->nr_files; i++) {
		json_t *groups = json_array();

		for (size_t g = 0; k->on[i] && g < k->pkg->files[i].nr_groups; g++)
			if (k->on[i][g])
				json_array_append_new(groups, json_integer((json_int_t)g));
		if (json_array_size(groups))
			json_object_set(j, k->pkg->files[i].path, groups);
		json_decref(groups);
	}
	return j;
}

/* built: all of it; partly: some; else what stood in the way of all. */
static const char *overall(json_t *parts)
{
	size_t i, n[4] = { 0 };
	json_t *p;

	json_array_foreach(parts, i, p)
		n[is(p, "built") ? 0 : is(p, "no-change") ? 1 : is(p, "refused") ? 2 : 3]++;
	if (n[0])
		return n[2] + n[3] ? "partly" : "built";
	return n[3] ? "failed" : n[2] ? "refused" : "no-change";
}

int pkg_solve(const struct pkg *p, size_t file, const struct build_options *base, json_t **out,
	      struct klp_err *err)
{
	struct solve s = { .p = p, .base = base, .file = file, .parts = json_array() };
	struct pick k = { 0 }, own = { 0 };
	int ret = pick_init(&k, p) || pick_init(&s.done, p) || !s.parts ? -ENOMEM : 0;

	for (size_t g = 0; !ret && g < p->files[file].nr_groups; g++)
		ret = pick_set(&k, file, g, true);
	if (ret)
		ret = klp_err_sys(err, ret, "package");
	else
		ret = 1;
	for (int i = 0; ret == 1; i++) {
		ret = i < MAX_ROUNDS ? solve_round(&s, &k, err) : solve_alone(&s, &k, err);
		if (ret == 1 && !own_groups(&s, &k, &own)) {
			pick_free(&k);
			k = own;
		}
	}
	if (!ret) {
		*out = json_pack("{s:s,s:s,s:O,s:o}", "file", p->files[file].path, "outcome",
				 overall(s.parts), "parts", s.parts, "picked", picked_json(&s.done));
		ret = *out ? 0 : klp_err_sys(err, -ENOMEM, "package");
	}
	json_decref(s.parts);
	pick_free(&s.done);
	pick_free(&k);
	return ret;
}

bool pkg_settled(const struct pkg_file *f, json_t **out)
{
	const char *outcome = NULL, *why = NULL;

	if (!ends_with(f->path, ".c") && !ends_with(f->path, ".h")) {
		outcome = ends_with(f->path, ".S") || strstr(f->path, "Kconfig") ||
			  strstr(f->path, "Makefile") ? "refused" : "no-change";
		why = *outcome == 'r' ? "it is assembly or decides how the kernel is built" :
					"no code of the kernel";
	} else if (ends_with(f->path, ".c") && !f->unit) {
		outcome = "no-change";
		why = "not built in this configuration";
	} else if (!f->fixed) {
		outcome = "refused";
		why = "the file is gone in the new version";
	} else if (!f->base) {
		/* Whatever includes it brings it in. */
		outcome = "no-change";
		why = "a new header: goes in with what includes it";
	} else if (starts_with(f->path, "tools/") || starts_with(f->path, "samples/") ||
		   starts_with(f->path, "scripts/")) {
		outcome = "no-change";
		why = "not part of the kernel";
	}
	if (outcome)
		*out = json_pack("{s:s,s:s,s:s,s:[],s:{}}", "file", f->path, "outcome", outcome, "why",
				 why, "parts", "picked");
	return outcome != NULL;
}
