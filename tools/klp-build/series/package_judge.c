// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_judge.c - whole files of an update, with those that they need: see package.h.
 *
 * What they need is asked of the compiler and of the objects: headers without which a unit isn't
 * compiled (package_need.c), units of the update that aren't compiled with those headers
 * unless they are new, too, and units that define what an object refers to.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/report_data.h"
#include "base/xalloc.h"
#include "err.h"
#include "fix/cscan.h"
#include "jsonstr.h"
#include "package.h"
#include "pipeline/build_run.h"
#include "pipeline/try.h"
#include "state.h"
#include "target/target.h"

#define TRY_SECONDS	1800	/* a popular header takes minutes */
#define MAX_GROW	24	/* what grows longer than that is the rewrite of a subsystem */
#define MAX_USERS	6	/* units at a time that a header takes along */

/* ---- one try ---- */

int pkg_try(struct judge *g, const bool *on, const struct build_options *o, const char *also, json_t **out, struct klp_err *err)
{
	/* All together take as long as they take, and all jobs. */
	struct try_limits limits = { .seconds = o->of_update ? TRY_SECONDS : 0, .loud = g->loud };
	char key[SHA256_HEX_LEN + 1], *diff = NULL, *what = NULL;
	int ret = pkg_diff(g->p, on, &diff, err);

	if (!ret) {
		what = format("%u %d %s %s", o->max_units, o->of_update, o->name, also);
		if (state_first_key(g->state, what, key) || state_next_key(key, diff, strlen(diff)))
			ret = klp_err_sys(err, -ENOMEM, "update");
	}
	/* A bundle has to be made, known or not. */
	*out = !ret && !o->out ? state_get(g->state, key) : NULL;
	if (!ret && !*out) {
		if (*diff)
			ret = try_build(o, g->state->work, diff, &limits, out, err);
		else
			*out = json_pack("{s:s,s:[],s:[]}", "outcome", "no-change", "refusals", "functions");
		if (!ret && !*out)
			ret = klp_err_sys(err, -ENOMEM, "update");
		if (!ret && !o->out)
			ret = state_put(g->state, key, *out, err);
	}
	free(what);
	free(diff);
	return ret;
}

/* ---- what it needs ---- */

static size_t file_of(const struct pkg *p, const char *path)
{
	char *s = xstrdup(path);
	struct pkg_file *f = NULL;

	/* "fs/server/../common/x.h", as the compiler has it. */
	path_fold(s);
	f = pkg_find(p, s);
	free(s);
	return f ? (size_t)(f - p->files) : p->nr_files;
}

static size_t count(const struct pkg *p, const bool *on)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nr_files; i++)
		n += on[i];
	return n;
}

/* Does a declaration of the new text, but not of the old, define @name? */
static bool defines(const struct pkg_file *f, const char *name)
{
	for (size_t i = 0; i < f->nr_hunks; i++)
		if (strings_have(&f->hunks[i].defines, name) || !strcmp(f->hunks[i].decl, name))
			return pkg_scope(f, name) != PKG_TYPE;
	return false;
}

/* What the headers that @source needs beside what is on depend on. */
static int need_key(const struct judge *g, const char *source, const bool *on, char key[SHA256_HEX_LEN + 1])
{
	char *what = format("need %s %s", g->p->origin, source);
	int ret = state_first_key(g->state, what, key);

	for (size_t i = 0; !ret && i < g->p->nr_files; i++)
		if (on[i])
			ret = state_next_key(key, g->p->files[i].path, strlen(g->p->files[i].path));
	free(what);
	return ret;
}

/* Ask the compiler, and keep the answer: *out is the list of the headers. */
static int ask_need(struct judge *g, const char *source, const bool *on, const char *key, json_t **out, struct klp_err *err)
{
	size_t nr = g->p->nr_files;
	bool *with = xcalloc(nr + 1, sizeof(*with)), enough;
	json_t *headers = json_array();
	int ret = 0;

	if (!g->need)
		ret = need_open(g->p, g->state->work, g->quiet, &g->need, err);
	if (!ret) {
		memcpy(with, on, nr);
		ret = need_headers(g->need, source, with, &enough, err);
	}
	for (size_t i = 0; !ret && i < nr; i++)
		if (with[i] && !on[i])
			json_array_append_new(headers, json_string(g->p->files[i].path));
	if (!ret)
		ret = state_put(g->state, key, headers, err);
	free(with);
	if (ret)
		json_decref(headers);
	*out = ret ? NULL : headers;
	return ret;
}

/* Units that weren't compiled: as they are in the update, and with the headers that they need for that. */
static int add_for_compiler(struct judge *g, json_t *verdict, bool *on, struct klp_err *err)
{
	size_t i;
	json_t *unit;
	int ret = 0;

	/* A popular header's: those of them that the update changes are too many to be one fix. */
	if (json_array_size(json_object_get(verdict, "not_compiled")) > MAX_USERS)
		return 0;
	json_array_foreach(json_object_get(verdict, "not_compiled"), i, unit) {
		const char *source = json_string_value(unit);
		char key[SHA256_HEX_LEN + 1];
		size_t file = file_of(g->p, source), k;
		json_t *headers, *path;

		if (file < g->p->nr_files)
			on[file] = true;
		if (need_key(g, source, on, key))
			return klp_err_sys(err, -ENOMEM, "update");
		headers = state_get(g->state, key);
		if (!headers)
			ret = ask_need(g, source, on, key, &headers, err);
		json_array_foreach(headers, k, path) {
			file = file_of(g->p, json_string_value(path));
			if (file < g->p->nr_files)
				on[file] = true;
		}
		json_decref(headers);
		if (ret)
			return ret;
	}
	return 0;
}

/* Symbols that no unit of the kernel has: units of the update that come to define them. */
static void add_for_symbols(const struct judge *g, json_t *verdict, bool *on)
{
	size_t i;
	json_t *name;

	json_array_foreach(json_object_get(verdict, "missing"), i, name)
		for (size_t k = 0; k < g->p->nr_files; k++)
			if (g->p->files[k].unit && defines(&g->p->files[k], json_string_value(name)))
				on[k] = true;
}

/* ---- headers that no patch can have ---- */

static int header_key(const struct judge *g, const char *path, char key[SHA256_HEX_LEN + 1])
{
	char *what = format("header %s %s", g->p->origin, path);
	int ret = state_first_key(g->state, what, key);

	free(what);
	return ret;
}

/* A layout is what its own declaration makes it, whatever else is in; not so for other reasons. */
static int note_layouts(const struct judge *g, const bool *on, json_t *verdict, struct klp_err *err)
{
	char key[SHA256_HEX_LEN + 1];
	size_t i;
	json_t *r;
	int ret = 0;

	json_array_foreach(json_object_get(verdict, "refusals"), i, r) {
		size_t file = file_of(g->p, str(r, "file"));

		if (ret || file == g->p->nr_files || !on[file] || !ends_with(g->p->files[file].path, ".h") ||
		    (strcmp(str(r, "reason"), "struct") && strcmp(str(r, "reason"), "enum")))
			continue;
		ret = header_key(g, g->p->files[file].path, key) ? klp_err_sys(err, -ENOMEM, "update") : state_put(g->state, key, r, err);
	}
	return ret;
}

/* NULL: nothing is known against them. */
static json_t *known_refusal(const struct judge *g, const bool *on)
{
	char key[SHA256_HEX_LEN + 1];

	for (size_t i = 0; i < g->p->nr_files; i++) {
		json_t *r = on[i] && ends_with(g->p->files[i].path, ".h") && !header_key(g, g->p->files[i].path, key) ?
			    state_get(g->state, key) : NULL;

		if (r)
			return json_pack("{s:s,s:[o],s:[]}", "outcome", "refused", "refusals", r, "functions");
	}
	return NULL;
}

/* Refused with what is gone: there is no diff of that. */
static json_t *gone(const struct pkg *p, const bool *on)
{
	for (size_t i = 0; i < p->nr_files; i++)
		if (on[i] && p->files[i].unit && !p->files[i].fixed)
			return json_pack("{s:s,s:[{s:s,s:n,s:s,s:i,s:s,s:n}],s:[]}", "outcome", "refused", "refusals", "reason",
					 report_reason_name(REFUSE_OTHER), "function", "file", p->files[i].path, "line", 0, "why",
					 "the file is gone in the new version", "remedy", "functions");
	return NULL;
}

/* ---- the verdict ---- */

int pkg_judge(struct judge *g, bool *on, json_t **out, struct klp_err *err)
{
	int ret = 0;

	for (int i = 0; !ret; i++) {
		size_t had = count(g->p, on);
		json_t *v = gone(g->p, on);

		if (!v)
			v = known_refusal(g, on);
		if (!v)
			ret = pkg_try(g, on, &g->o, "", &v, err);
		if (!ret && outcome_is(v, "refused"))
			ret = note_layouts(g, on, v, err);
		if (!ret && i < MAX_GROW && outcome_is(v, "failed"))
			ret = add_for_compiler(g, v, on, err);
		if (!ret && i < MAX_GROW && outcome_is(v, "refused"))
			add_for_symbols(g, v, on);
		if (!ret && count(g->p, on) == had) {
			*out = v;
			return 0;
		}
		json_decref(v);
	}
	return ret;
}

void judge_close(struct judge *g)
{
	need_close(g->need);
	g->need = NULL;
}
