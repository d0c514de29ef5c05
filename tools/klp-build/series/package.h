/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package.h - a whole update at once: what changed between the target's source
 * package and a newer one, file by file.
 *
 * A file goes in whole, with those that it needs, or stays out.  With --parts, one that
 * is refused is tried without the functions that the refusals name: its change is
 * hunks, and hunks that can't do without one another (they lie in one function, or name
 * something that only the new or only the old text has) are one group.
 */
#ifndef KLP_PACKAGE_H
#define KLP_PACKAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/text.h"
#include "fix/fix.h"
#include "pipeline/build_run.h"

struct klp_err;
struct report;
struct state;
struct target;

/* Who can mean what a declaration defines. */
enum pkg_scope {
	PKG_SHARED,	/* other files, too */
	PKG_LOCAL,	/* this .c file: a static, a macro, an enum */
	PKG_TYPE,	/* a struct, union or typedef: the name is in much that its members are nothing to */
};

struct pkg_hunk {
	struct hunk h;
	char *decl;		/* the declaration it lies in: of a function, variable, type or macro; "" if none */
	enum pkg_scope scope;	/* of that */
	struct strings defines;	/* all of these that begin in its new lines */
	char *old, *new;	/* its lines */
	char *lead;		/* lines before it that belong to the same declaration or statement */
	size_t group;
};

struct pkg_file {
	char *path;
	char *base, *fixed;	/* texts; NULL: created, deleted */
	bool unit;		/* a .c file that this kernel is built from */
	bool text;		/* base and fixed are loaded: a unit or a header */
	struct pkg_hunk *hunks;
	size_t nr_hunks, nr_groups;
	bool *part;		/* groups that go in; NULL: all */
};

struct pkg {
	const struct target *target;
	char *package, *version, *origin;
	char *dir;		/* the new version's files that differ */
	struct strings sources;	/* that the kernel's commands compile, sorted */
	struct strings parts;	/* .c files that others include, or ends of their paths */
	struct pkg_file *files;
	size_t nr_files;
};

/* package_load.c: -ENODATA if the target is as new as @version. */
int pkg_load(const struct target *t, const char *version, struct report *r, struct pkg *out,
	     struct klp_err *err);
void pkg_free(struct pkg *p);
/* Does a command of the kernel compile it? */
bool pkg_is_source(const struct pkg *p, const char *path);
struct pkg_file *pkg_find(const struct pkg *p, const char *path);

/* package_split.c: hunks and groups.  Pure function of base and fixed. */
void pkg_split(struct pkg_file *f);
void pkg_unsplit(struct pkg_file *f);
/* Of one of the declarations that it changes. */
enum pkg_scope pkg_scope(const struct pkg_file *f, const char *name);
/* Does @text hold @name as a whole identifier? */
bool pkg_mentions(const char *text, const char *name);

/* package_diff.c: the unified diff of the files that are on (a flag a file). */
int pkg_diff(const struct pkg *p, const bool *on, char **out, struct klp_err *err);

/* ---- package_need.c ---- */

struct need;

int need_open(const struct pkg *p, const char *dir, struct report *quiet, struct need **out, struct klp_err *err);
void need_close(struct need *n);	/* NULL is fine */
/* Switch on the headers without which @source isn't compiled beside what is on.  *enough: it is, with them. */
int need_headers(struct need *n, const char *source, bool *on, bool *enough, struct klp_err *err);

/* ---- package_judge.c ---- */

struct judge {
	const struct pkg *p;
	const struct state *state;	/* verdicts that are known */
	struct build_options o;		/* of a try */
	struct report *quiet;		/* of what nobody needs to see */
	bool loud;
	struct need *need;		/* opened when it is asked for */
};

/* *out: the report of a build of what is on; @also: what else it depends on. */
int pkg_try(struct judge *g, const bool *on, const struct build_options *o, const char *also, json_t **out,
	    struct klp_err *err);
/* The same with what that needs of the update's other files, which is switched on. */
int pkg_judge(struct judge *g, bool *on, json_t **out, struct klp_err *err);
void judge_close(struct judge *g);

/*
 * package_solve.c: a file and what it needs.  *out is {file, outcome, why, with: [files], parts: [...]}; with
 * @parts, if all of it can't go in, {..., groups: [numbers]} of the part that can.
 */
int pkg_solve(struct judge *g, size_t file, bool parts, json_t **out, struct klp_err *err);

/* What needs no try: its outcome, and why; NULL: it does.  pkg_settled(): true, with a result as above in *out. */
const char *pkg_without_try(const struct pkg_file *f, const char **why);
bool pkg_settled(const struct pkg_file *f, json_t **out);

/*
 * package_join.c: which changes stay out of all together.  join_on(): the files of those that are in.
 * join_drop(): those that the verdict on all together is about; how many.  join_drop_tied(): those that
 * go with one that is out: of the same CVE, or by a name.
 */
struct cves;
bool *join_on(const struct pkg *p, json_t *changes);
size_t join_drop(json_t *changes, json_t *verdict);
size_t join_drop_tied(const struct pkg *p, json_t *changes, const struct cves *records);
/*
 * package_cves.c: does the update fix it, and is any of its files in this kernel?  pkg_cves(): {cve, title, outcome} of
 * each such one by what is on; covered if all of its change is; one of whose files none was looked at isn't in the list.
 * pkg_leaves_out(): is the change of @path, or a part of it, not in, where it may matter?
 */
struct cve_record;
bool pkg_leaves_out(const struct pkg *p, const bool *on, json_t *changes, const char *path);
bool pkg_fixes(const struct pkg *p, const struct cve_record *r);
bool pkg_compiles(const struct pkg *p, const struct cve_record *r);
void pkg_cves(const struct pkg *p, const bool *on, json_t *changes, const struct cves *records, json_t *list,
	      struct strings *covered);

bool change_taken(json_t *change);
void change_drop(json_t *change, const char *why);

/* package_report.c: in the order of the files; one line a file that changes something, and why parts stay out. */
void pkg_sort_changes(json_t *changes);
void pkg_print_changes(json_t *changes, FILE *out);
/* The files that change something, with what is left out of them, for the bundle's manifest. */
struct manifest;
int pkg_list_files(json_t *changes, struct manifest *m);

/* package_log.c: CVEs that the changelog names between two versions: [{cve, version, title}]. */
json_t *changelog_cves(const char *text, const char *base, const char *version);

#endif
