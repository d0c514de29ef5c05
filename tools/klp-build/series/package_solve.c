// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * package_solve.c - what becomes of one file of an update, and with --parts of a part of it.
 *
 * The rule for parts: the functions that refusals name stay as they are, with all hunks that can't
 * do without theirs (package_split.c), and the rest is tried; a few times, as that may be
 * refused, too.  What doesn't compile, or is refused without a name, isn't taken apart.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "base/xalloc.h"
#include "err.h"
#include "jsonstr.h"
#include "package.h"
#include "select/file_state.h"

#define MAX_ROUNDS	4	/* of leaving out what was refused */

/* "__do_sys_madvise" is of the declaration "madvise"; "f.constprop.0" of "f". */
static bool names_decl(const char *function, const char *decl)
{
	size_t n = strlen(decl), m = strlen(function);

	if (!n || m < n)
		return false;
	if (!strncmp(function, decl, n) && (m == n || function[n] == '.'))
		return true;
	return function[0] == '_' && function[1] == '_' && m > n && function[m - n - 1] == '_' &&
	       !strcmp(function + m - n, decl);
}

/* The declarations of the groups with flag @in: names, once each. */
static json_t *decl_names(const struct pkg_file *f, const bool *groups, bool in)
{
	json_t *list = json_array(), *seen = json_object();

	for (size_t i = 0; i < f->nr_hunks; i++) {
		const char *name = f->hunks[i].decl;

		if ((groups && groups[f->hunks[i].group] != in) || !*name || json_object_get(seen, name))
			continue;
		json_object_set_new(seen, name, json_true());
		json_array_append_new(list, json_string(name));
	}
	json_decref(seen);
	return list;
}

static void add_part(json_t *parts, const char *outcome, json_t *decls, json_t *verdict)
{
	json_array_append_new(parts, json_pack("{s:s,s:o,s:O*,s:O*}", "outcome", outcome, "declarations", decls, "refusals",
					       json_object_get(verdict, "refusals"), "message", json_object_get(verdict, "message")));
}

static json_t *files_on(const struct pkg *p, const bool *on)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->nr_files; i++)
		if (on[i])
			json_array_append_new(list, json_string(p->files[i].path));
	return list;
}

/* Leave out the groups that the refusals name; how many. */
static size_t leave_out(const struct pkg_file *f, bool *part, json_t *verdict)
{
	size_t i, nr = 0;
	json_t *r;

	json_array_foreach(json_object_get(verdict, "refusals"), i, r)
		for (size_t h = 0; h < f->nr_hunks; h++)
			if (!strcmp(str(r, "file"), f->path) && part[f->hunks[h].group] &&
			    names_decl(str(r, "function"), f->hunks[h].decl)) {
				part[f->hunks[h].group] = false;
				nr++;
			}
	return nr;
}

/* A part of it: *part and @on are set if one goes in. */
static int solve_part(struct judge *g, size_t file, json_t *verdict, bool *on, bool **part, json_t *parts, struct klp_err *err)
{
	struct pkg_file *f = &g->p->files[file];
	bool *groups = xmalloc(f->nr_groups + 1), built = false;
	json_t *v = json_incref(verdict);
	int ret = 0;

	memset(groups, true, f->nr_groups);
	for (int i = 0; !ret && i < MAX_ROUNDS && outcome_is(v, "refused") && leave_out(f, groups, v); i++) {
		json_decref(v);
		v = NULL;
		memset(on, false, g->p->nr_files);
		on[file] = true;
		f->part = groups;
		ret = pkg_judge(g, on, &v, err);
		f->part = NULL;
	}
	built = !ret && v != verdict && outcome_is(v, "built");
	json_decref(v);
	if (built) {
		add_part(parts, "refused", decl_names(f, groups, false), verdict);
		add_part(parts, "built", decl_names(f, groups, true), NULL);
		*part = groups;
	} else {
		free(groups);
	}
	return ret;
}

static json_t *numbers(const struct pkg_file *f, const bool *part)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->nr_groups; i++)
		if (part[i])
			json_array_append_new(list, json_integer((json_int_t)i));
	return list;
}

int pkg_solve(struct judge *g, size_t file, bool parts, json_t **out, struct klp_err *err)
{
	const struct pkg_file *f = &g->p->files[file];
	bool *on = xcalloc(g->p->nr_files + 1, sizeof(*on)), *part = NULL;
	json_t *v = NULL, *list = json_array();
	int ret;

	on[file] = true;
	ret = pkg_judge(g, on, &v, err);
	if (!ret && parts && outcome_is(v, "refused"))
		ret = solve_part(g, file, v, on, &part, list, err);
	if (!ret && !part)
		add_part(list, str(v, "outcome"), decl_names(f, NULL, true), v);
	if (!ret)
		*out = json_pack("{s:s,s:s,s:O,s:o,s:o*,s:O*}", "file", f->path, "outcome", part ? "partly" : str(v, "outcome"),
				 "parts", list, "with", files_on(g->p, on), "groups", part ? numbers(f, part) : NULL, "functions",
				 json_object_get(v, "functions"));
	if (!ret && !*out)
		ret = klp_err_sys(err, -ENOMEM, "update");
	json_decref(list);
	json_decref(v);
	free(part);
	free(on);
	return ret;
}

static const char *no_code(const struct pkg_file *f)
{
	if (!f->unit && file_no_part(f->path))
		return file_no_part(f->path);
	if (starts_with(f->path, "samples/"))
		return "an example, which isn't part of the kernel";
	if (ends_with(f->path, ".c") && !f->text && !file_is_build_input(f->path))
		return "not built in this configuration";
	/* Whatever includes it brings it in. */
	return f->text && f->fixed && !f->base && !f->unit ? "a new header: goes in with what includes it" : NULL;
}

const char *pkg_without_try(const struct pkg_file *f, const char **why)
{
	*why = no_code(f);
	if (*why)
		return "no-change";
	if (!f->text)
		*why = "it is assembly or decides how the kernel is built";
	else if (!f->fixed)
		*why = "the file is gone in the new version";
	return *why ? "refused" : NULL;
}

bool pkg_settled(const struct pkg_file *f, json_t **out)
{
	const char *why, *outcome = pkg_without_try(f, &why);

	if (outcome)
		*out = json_pack("{s:s,s:s,s:s,s:[],s:[]}", "file", f->path, "outcome", outcome, "why", why, "parts", "with");
	return outcome != NULL;
}
