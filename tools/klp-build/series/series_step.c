// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * series_step.c - what becomes of one commit: see series.h.
 *
 * It is built with the accepted commits that touch the same files.  If it doesn't
 * compile like that, it may need more of them, or one that was left out.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "base/xalloc.h"
#include "bundle.h"
#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "pipeline/try.h"
#include "series.h"

/* ---- what a commit adds to its group ---- */

/* The functions of @now whose code isn't the one in @before. */
static json_t *added(json_t *now, json_t *before)
{
	json_t *list = json_array(), *code;
	const char *name;

	json_object_foreach(now, name, code)
		if (!json_equal(json_object_get(before, name), code))
			json_array_append_new(list, json_string(name));
	return list;
}

/* Have the groups that are on functions in the patch already? */
static bool has_functions(const struct series *s, const bool *on)
{
	for (size_t g = 0; g < s->tree.nr_groups; g++)
		if (on[g] && json_array_size(json_object_get(json_array_get(s->groups, g), "functions")))
			return true;
	return false;
}

static json_t *changed_before(const struct series *s, const bool *on)
{
	json_t *all = json_object();

	for (size_t g = 0; g < s->tree.nr_groups; g++)
		if (on[g])
			json_object_update(all, json_object_get(json_array_get(s->groups, g), "changed"));
	return all;
}

static int read_digest(const char *path, char out[80], struct klp_err *err)
{
	struct bundle *b = NULL;
	void *data = NULL;
	size_t len;
	int ret = io_read_file(path, BUNDLE_MAX, &data, &len, err);

	if (!ret)
		ret = bundle_parse(data, len, &b, err);
	if (!ret) {
		snprintf(out, 80, "%s", bundle_manifest(b)->module_digest);
		bundle_free(b);
	}
	free(data);
	return ret;
}

/* The digest of the module with @e, or without (NULL); "" if there is none. */
static int digest_of(struct series *s, const bool *on, const struct edits *e, char out[80], struct klp_err *err)
{
	char *path = format("%s/try.klp", s->dir);
	json_t *v = NULL;
	int ret = series_try(s, on, e, path, &v, err);

	out[0] = '\0';
	if (!ret && outcome_is(v, "built"))
		ret = read_digest(path, out, err);
	json_decref(v);
	free(path);
	return ret;
}

/* Where earlier commits have changed the same files, the module tells whether this one changes anything. */
static int is_nothing(struct series *s, const bool *on, const struct edits *e, json_t *verdict, bool *out,
		      struct klp_err *err)
{
	char before[80], after[80];
	int ret;

	*out = outcome_is(verdict, "no-change");
	if (*out || !has_functions(s, on)) {
		*out = *out && !has_functions(s, on);
		return 0;
	}
	ret = digest_of(s, on, NULL, before, err);
	if (!ret)
		ret = digest_of(s, on, e, after, err);
	if (!ret)
		*out = *before && !strcmp(before, after);
	return ret;
}

/* ---- the verdict ---- */

static int set(json_t *out, const char *outcome, const char *reason, const char *why)
{
	char *line = sp_utf8_line(why, strlen(why));
	int ret = json_object_set_new(out, "outcome", json_string(outcome)) ||
		  json_object_set_new(out, "reason", json_string(reason)) ||
		  json_object_set_new(out, "why", json_string(line)) ? -ENOMEM : 0;

	free(line);
	return ret;
}

/* The first of the reasons as a sentence. */
static int set_refused(json_t *out, json_t *verdict)
{
	json_t *r = json_array_get(json_object_get(verdict, "refusals"), 0);
	char *why = format("%s%s%s%s%s", str(r, "function"), *str(r, "function") && *str(r, "file") ? " in " : "", str(r, "file"),
			   *str(r, "function") || *str(r, "file") ? ": " : "", str(r, "why"));
	int ret = set(out, "refused", str(r, "reason"), why);

	free(why);
	json_object_set(out, "refusals", json_object_get(verdict, "refusals"));
	return ret;
}

/* The compiler's own first line is shown to people; nothing depends on it. */
static int set_failed(json_t *out, json_t *verdict)
{
	const char *message = str(verdict, "message");
	char *why = xstrndup(message, strcspn(message, "\n"));
	int ret = set(out, "refused", "failed", why);

	free(why);
	return ret;
}

static int set_waits(json_t *out, json_t *waits)
{
	json_object_set(out, "waits_for", waits);
	return set(out, "waits", "waits", "");
}

/* "path:name" of the functions and macros whose lines @e changes over the tree with @before (NULL: as it is). */
static int name_changes(struct series *s, const struct edits *before, const struct edits *e, json_t *names, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < e->nr; i++) {
		struct strings list = { 0 };
		char *old = NULL;

		if (!ends_with(e->list[i].path, ".c") && !ends_with(e->list[i].path, ".h"))
			continue;
		ret = tree_text(&s->tree, before, e->list[i].path, &old, err);
		if (!ret)
			sp_changed_names(old, e->list[i].text, &list);
		for (size_t k = 0; k < list.nr; k++)
			json_array_append_new(names, json_sprintf("%s:%s", e->list[i].path, list.list[k]));
		strings_free(&list);
		free(old);
	}
	return ret;
}

/* ---- what can't be put on ---- */

static void name_files(const struct sp_commit *c, json_t *files)
{
	for (size_t i = 0; i < c->diff.nr; i++) {
		json_array_append_new(files, json_string(c->diff.sections[i].path));
		if (c->diff.sections[i].from)
			json_array_append_new(files, json_string(c->diff.sections[i].from));
	}
}

/*
 * What a commit that can't be put on as a whole changes: of each file that goes on by itself the names, of any other
 * one it isn't known, so all of it counts.
 */
static int name_parts(struct series *s, const struct sp_commit *c, json_t *out, struct klp_err *err)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < c->diff.nr; i++) {
		struct sp_commit one = { .diff = { .sections = &c->diff.sections[i], .nr = 1 } };
		struct klp_err ignored = { 0 };
		struct edits e = { 0 };

		if (edits_apply(&e, &s->tree, &one, &ignored))
			name_files(&one, json_object_get(out, "whole"));
		else
			ret = name_changes(s, NULL, &e, json_object_get(out, "names"), err);
		edits_free(&e);
	}
	return ret;
}

/* What a commit changes that goes on where those are that it waits for. */
static int name_behind(struct series *s, const struct edits *before, const struct sp_commit *c, json_t *out, struct klp_err *err)
{
	struct edits e = { 0 };
	int ret = 0;

	for (size_t i = 0; i < before->nr; i++)
		edits_set(&e, before->list[i].path, before->list[i].text ? xstrdup(before->list[i].text) : NULL);
	ret = edits_apply(&e, &s->tree, c, err);
	if (!ret)
		ret = name_changes(s, before, &e, json_object_get(out, "names"), err);
	edits_free(&e);
	return ret;
}

static int set_not_applying(struct series *s, const struct sp_commit *c, json_t *out, const char *why,
			    struct klp_err *err)
{
	json_t *waits = json_array();
	struct edits before = { 0 };
	int ret;

	if (tree_has(&s->tree, c)) {
		json_decref(waits);
		json_object_set_new(out, "here", json_true());
		return set(out, "nothing", "", "this kernel's source has it already");
	}
	ret = wait_to_apply(s, c, waits, &before, err);
	if (!ret)
		ret = json_array_size(waits) ? name_behind(s, &before, c, out, err) : name_parts(s, c, out, err);
	if (!ret)
		ret = json_array_size(waits) ? set_waits(out, waits) : set(out, "refused", "does-not-apply", why);
	edits_free(&before);
	json_decref(waits);
	return ret;
}

/* ---- other accepted commits that it needs ---- */

struct more {
	struct series *s;
	const struct edits *e;
	const bool *own;	/* groups that are on anyway */
	size_t *others, nr;
	json_t *verdict;	/* of the last that compiled */
};

static int with_others(void *arg, const bool *on, struct klp_err *err)
{
	struct more *m = arg;
	bool *groups = xcalloc(m->s->tree.nr_groups + 1, sizeof(*groups));
	json_t *v = NULL;
	int ret;

	memcpy(groups, m->own, m->s->tree.nr_groups);
	for (size_t i = 0; i < m->nr; i++)
		groups[m->others[i]] |= on[i];
	ret = series_try(m->s, groups, m->e, NULL, &v, err);
	free(groups);
	if (ret)
		return ret;
	if (!series_compiled(v)) {
		json_decref(v);
		return 0;
	}
	json_decref(m->verdict);
	m->verdict = v;
	return 1;
}

/* If it compiles with other groups: they are switched on, and *verdict is the new one. */
static int try_with_others(struct series *s, const struct edits *e, bool *groups, json_t **verdict, json_t *out,
			   struct klp_err *err)
{
	struct more m = { .s = s, .e = e, .own = groups };
	bool *on = xcalloc(s->tree.nr_groups + 1, sizeof(*on));
	json_t *needed = json_array();
	int ret;

	m.others = xcalloc(s->tree.nr_groups + 1, sizeof(*m.others));
	for (size_t g = 0; g < s->tree.nr_groups; g++)
		if (!groups[g] && json_is_object(json_array_get(s->groups, g)))
			m.others[m.nr++] = g;
	ret = series_narrow(m.nr, with_others, &m, on, err);
	if (ret == 1) {
		for (size_t i = 0; i < m.nr; i++)
			if (on[i]) {
				groups[m.others[i]] = true;
				json_array_append_new(needed, json_integer((json_int_t)m.others[i]));
			}
		json_decref(m.verdict);
		m.verdict = NULL;
		ret = series_try(s, groups, e, NULL, &m.verdict, err);
		if (!ret) {
			json_decref(*verdict);
			*verdict = json_incref(m.verdict);
			json_object_set(out, "groups", needed);
		}
	}
	json_decref(needed);
	json_decref(m.verdict);
	free(m.others);
	free(on);
	return ret < 0 ? ret : 0;
}

/* It compiled: what the objects say. */
static int judge_objects(struct series *s, const bool *groups, const struct edits *e, json_t *verdict, json_t *out,
			 struct klp_err *err)
{
	json_t *before = changed_before(s, groups), *own = added(json_object_get(verdict, "changed"), before);
	json_t *waits = json_array();
	bool nothing = false;
	int ret = wait_for_same(s, own, "changed", waits);

	json_object_set(out, "own", own);
	json_object_set(out, "changed", json_object_get(verdict, "changed"));
	json_object_set(out, "functions", json_object_get(verdict, "functions"));
	json_decref(before);
	json_decref(own);
	if (ret)
		ret = klp_err_sys(err, ret, "series");
	else if (outcome_is(verdict, "refused"))
		ret = set_refused(out, verdict);
	else if (json_array_size(waits))
		ret = set_waits(out, waits);
	else
		ret = is_nothing(s, groups, e, verdict, &nothing, err);
	if (!ret && !*str(out, "outcome"))
		ret = nothing ? set(out, "nothing", "", "no function of this kernel changes") : set(out, "built", "", "");
	json_decref(waits);
	return ret;
}

static int judge(struct series *s, const struct sp_commit *c, const struct edits *e, json_t *out, struct klp_err *err)
{
	bool *groups = series_groups_of(s, e);
	json_t *verdict = NULL, *waits = json_array();
	int ret = wait_for_same(s, json_object_get(out, "names"), "names", waits);

	if (!ret)
		ret = wait_for_same(s, json_object_get(out, "files"), "whole", waits);
	if (!ret && json_array_size(waits)) {
		ret = set_waits(out, waits);
		goto out;
	}
	if (!ret)
		ret = series_try(s, groups, e, NULL, &verdict, err);
	if (!ret && outcome_is(verdict, "failed"))
		ret = try_with_others(s, e, groups, &verdict, out, err);
	if (!ret && outcome_is(verdict, "failed") && !series_compiled(verdict)) {
		ret = wait_to_compile(s, c, waits, err);
		if (!ret)
			ret = json_array_size(waits) ? set_waits(out, waits) : set_failed(out, verdict);
	} else if (!ret && outcome_is(verdict, "failed")) {
		ret = set_failed(out, verdict);
	} else if (!ret) {
		ret = judge_objects(s, groups, e, verdict, out, err);
	}
out:
	json_decref(verdict);
	json_decref(waits);
	free(groups);
	return ret;
}

int series_decide(struct series *s, const struct sp_commit *c, struct edits *edits, json_t **out, struct klp_err *err)
{
	struct klp_err why = { 0 };
	json_t *j = json_pack("{s:[],s:[],s:[]}", "names", "files", "whole");
	int ret = j ? edits_apply(edits, &s->tree, c, &why) : -ENOMEM;

	if (ret == -ENOENT || ret == -ENOTUNIQ) {
		name_files(c, json_object_get(j, "files"));
		ret = set_not_applying(s, c, j, why.text, err);
	} else if (ret == -ENOTSUP) {
		name_files(c, json_object_get(j, "files"));
		ret = name_parts(s, c, j, err);
		if (!ret)
			ret = set(j, "refused", "build-input", why.text);
	} else if (ret) {
		ret = klp_err_set(err, ret, "%s", why.text);
	} else if (!edits->nr) {
		ret = set(j, "nothing", "", "none of its files is part of an x86-64 kernel");
	} else {
		for (size_t i = 0; i < edits->nr; i++)
			json_array_append_new(json_object_get(j, "files"), json_string(edits->list[i].path));
		ret = name_changes(s, NULL, edits, json_object_get(j, "names"), err);
		if (!ret)
			ret = judge(s, c, edits, j, err);
	}
	if (ret) {
		json_decref(j);
		return err->code ? ret : klp_err_sys(err, ret, "series");
	}
	*out = j;
	return 0;
}
