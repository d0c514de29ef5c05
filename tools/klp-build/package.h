/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * package.h - a whole update at once: what changed between the target's source
 * package and a newer one, taken apart into changes that are tried one by one.
 *
 * A file's change is its hunks; hunks that can't do without one another (they
 * lie in one function, or name something that only the new or only the old
 * text has) are one group.  A selection says which groups of which files a try
 * takes.
 */
#ifndef KLP_PACKAGE_H
#define KLP_PACKAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fix.h"
#include "text.h"

struct build_options;
struct klp_err;
struct report;
struct target;

/* Who can mean what a piece defines. */
enum pkg_scope {
	PKG_SHARED,	/* other files, too */
	PKG_LOCAL,	/* this .c file: a static, a macro, an enum */
	PKG_TYPE,	/* a struct, union or typedef: the name is in much that its members are nothing to */
};

struct pkg_hunk {
	struct hunk h;
	char *piece;		/* the function, variable, type or macro it lies in; "" if none */
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
};

struct pkg {
	const struct target *target;
	char *package, *version, *origin;
	char *dir;		/* the new version's files that differ */
	struct pkg_file *files;
	size_t nr_files;
};

/* package_load.c: -ENODATA if the target is as new as @version. */
int pkg_load(const struct target *t, const char *version, struct report *r, struct pkg *out,
	     struct klp_err *err);
void pkg_free(struct pkg *p);
struct pkg_file *pkg_find(const struct pkg *p, const char *path);

/* package_split.c: hunks and groups.  Pure function of base and fixed. */
int pkg_split(struct pkg_file *f);
void pkg_unsplit(struct pkg_file *f);
/* Of one of the pieces that it changes. */
enum pkg_scope pkg_scope(const struct pkg_file *f, const char *name);
/* Does @text hold @name as a whole identifier? */
bool pkg_mentions(const char *text, const char *name);

/* package_pick.c: groups that go together: on[file][group]. */
struct pick {
	const struct pkg *pkg;
	bool **on;		/* per file: nr_groups flags, or NULL: none */
};
int pick_init(struct pick *k, const struct pkg *p);
void pick_free(struct pick *k);
bool pick_has(const struct pick *k, size_t file, size_t group);
int pick_set(struct pick *k, size_t file, size_t group, bool on);
int pick_copy(struct pick *to, const struct pick *from);
bool pick_empty(const struct pick *k);
/* The unified diff of what is picked. */
int pick_diff(const struct pick *k, char **out, struct klp_err *err);
/*
 * package_extend.c: add what a failed try lacks: the update's other changes that the compiler's errors
 * or the refusals lead to.  The number of groups added.
 */
size_t pick_extend(struct pick *k, json_t *verdict);

/*
 * package_reach.c: may one of the files that are in already include the header?  Those of include/
 * are for everybody; another folder's own ("common.h", "include/objsec.h") only for what is below
 * it, or says so ("../common/smbglob.h").
 */
bool pick_reaches(const struct pick *k, const char *header);

/* package_try.c: one try in a process of its own; *out is the build's report as JSON. */
int pkg_try(const struct pick *k, const struct build_options *base, json_t **out,
	    struct klp_err *err);

/*
 * package_known.c: layouts of headers that a try has refused are so for every one.  known_refused():
 * @k has one of them; *out is the verdict.  Both do nothing unless build_options::objects names a folder.
 */
void known_note(const struct pick *k, const struct build_options *base, json_t *verdict);
bool known_refused(const struct pick *k, const struct build_options *base, json_t **out);

/*
 * package_solve.c: the largest part of a file's change that goes in.  *out is
 * {file, outcome, parts: [...], picked: {file: [groups]}}.
 */
int pkg_solve(const struct pkg *p, size_t file, const struct build_options *base, json_t **out,
	      struct klp_err *err);

/* What needs no try: true, with such a result in *out. */
bool pkg_settled(const struct pkg_file *f, json_t **out);

/*
 * package_join.c: a change is an object as pkg_solve() makes it.  changes_drop(): those that the
 * verdict on all together names go, or else those that came with other files' changes; how many.
 * changes_drop_dependent(): those whose lines name what another change's refusal leaves as it is.
 */
bool change_taken(json_t *change);
void change_drop(json_t *change, const char *why);
size_t changes_drop(json_t *changes, json_t *verdict);
size_t changes_drop_dependent(json_t *changes, const struct pick *all);

/* package_report.c: in the order of the files; one line a file that changes something, and why parts stay out. */
int pkg_sort_changes(json_t *changes);
void pkg_print_changes(json_t *changes, FILE *out);
/* The files that change something, with what is left out of them, for the bundle's manifest. */
struct manifest;
int pkg_list_files(json_t *changes, struct manifest *m);

/* package_log.c: CVEs that the changelog names between two versions: [{cve, version, title}]. */
json_t *changelog_cves(const char *text, const char *base, const char *version);

#endif
