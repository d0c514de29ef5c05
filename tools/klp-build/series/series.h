/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series.h - `klp-build build|check --series`: one commit after the other, each
 * against the tree that the accepted ones before it leave.
 *
 *   cmd_series.c    the order of things, what is kept of a run that ends early, all together
 *   series_step.c   what becomes of one commit
 *   series_wait.c   which earlier commits it can't do without
 *   series_try.c    a build of some of the tree's groups
 *   series_tree.c   the tree
 *   series_cves.c   what the patch may claim to fix
 *   series_read.c, series_patch.c, series_apply.c   where the commits come from, and their hunks
 */
#ifndef KLP_SERIES_H
#define KLP_SERIES_H

#include <jansson.h>
#include <stdbool.h>

#include "pipeline/build_run.h"
#include "series_patch.h"
#include "series_tree.h"

struct series {
	struct build_options o;	/* of a try of one commit */
	const char *dir;	/* for the tries */
	struct tree tree;
	/*
	 * Of each group of the tree what its last try said: {"functions", "changed"}, and "digest" of
	 * the module if it was linked; null for a group that went up in another.
	 */
	json_t *groups;
	/* Commits that aren't in the tree: {"nr", "files", "names", "changed", "whole"}. */
	json_t *out;
	/* The text of an earlier commit, by number; as series_text(). */
	int (*text)(void *arg, size_t i, char **text, size_t *len, struct klp_err *err);
	void *arg;
};

/*
 * What becomes of @c, which isn't in the tree yet.  *edits is what it would leave; *out is
 *   {"outcome": built | nothing | refused | waits, "why", "reason", "refusals": [...], "functions": [...],
 *    "changed": [...], "names": [...], "whole": [files of which it isn't known what it changes in them],
 *    "waits_for": [numbers], "groups": [numbers of groups that it needs], "here": true if the tree has it already}
 */
int series_decide(struct series *s, const struct sp_commit *c, struct edits *edits, json_t **out, struct klp_err *err);

/* series_try.c: try the groups of @on, and @e; and whether the compiler took all of it. */
int series_try(struct series *s, const bool *on, const struct edits *e, const char *bundle, json_t **out,
	       struct klp_err *err);
bool series_compiled(json_t *verdict);
/* The groups that @e reaches, as flags. */
bool *series_groups_of(const struct series *s, const struct edits *e);

/*
 * series_cves.c: add the CVEs of the commits that are built, each once; not one that a commit fixes, too, that isn't in
 * or is undone, nor one of which the records know several commits of the branch behind @version, not all of them in
 * the series.  @commits: {"outcome", "id", "upstream": [ids], "cves": [...], "undone_by": if a later one does}.
 */
struct cves;
void series_cves(json_t *commits, const struct cves *records, const char *version, struct strings *out);

/* ---- series_wait.c ---- */

/*
 * The smallest set of 0..@nr-1 that @test says yes to, if it says yes to all of them and to more with more:
 * a few tries for each that is needed.  1: found, in @on; 0: not even all of them do; negative: an error.
 * Whatever @test is, it has said yes to the set that is found.
 */
int series_narrow(size_t nr, int (*test)(void *arg, const bool *on, struct klp_err *err), void *arg, bool *on,
		  struct klp_err *err);
/*
 * Earlier commits outside of the tree without which @c doesn't apply; their numbers are added to @waits, and
 * @before (empty) becomes what they make of the tree.
 */
int wait_to_apply(struct series *s, const struct sp_commit *c, json_t *waits, struct edits *before, struct klp_err *err);
/* ... without which it doesn't compile. */
int wait_to_compile(struct series *s, const struct sp_commit *c, json_t *waits, struct klp_err *err);
/* ... that change one of @things, too: "path:name", or a path; @key says which of theirs is meant. */
int wait_for_same(struct series *s, json_t *things, const char *key, json_t *waits);

#endif
