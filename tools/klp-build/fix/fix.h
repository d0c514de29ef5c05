/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fix.h - what a build is asked to change: unified diffs and recipes, brought
 * to one unified diff against the target's source tree.
 */
#ifndef KLP_FIX_H
#define KLP_FIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "base/text.h"
#include "fix_files.h"

struct klp_err;
struct target;

struct fix {
	char *name;		/* [a-z0-9-]{1,48} */
	char *summary;		/* one line, may be "" */
	struct strings cves;
	struct strings requires;	/* "NAME[:RELEASE]" of a patch; from the recipes */
	struct strings mitigates;	/* names of mitigations; from the recipes */
	struct strings allow_data;	/* changed data that a callback of the fix writes */
	char *origin;		/* "linux-source-6.1 6.1.192-2" or a file's name */
	char *diff;		/* all of it, as `patch -p1` takes it */
	char digest[65];	/* SHA-256 of diff, hex */
	struct fix_file *files;
	size_t nr_files;
	size_t nr_parts;	/* FIX arguments: each is made against the pristine tree */
};

/*
 * Load and join FIX arguments.  @name overrides the name, or is NULL.
 * -ENODATA: the target has the fix already (text says since when).
 */
int fix_load(const struct target *t, char *const *args, size_t nr_args, const char *name,
	     struct report *r, struct fix **out, struct klp_err *err);
void fix_free(struct fix *f);

/* ---- recipe.c ---- */

struct recipe_file {
	char *path;
	struct strings functions;	/* empty: the whole file */
	struct strings also;		/* text that marks a change outside of functions to be kept */
};

struct recipe_source {
	char *package;		/* "linux-source-6.1" */
	char *version;		/* the oldest that has the fix */
};

struct recipe {
	char *name, *summary;
	struct strings cves, allow_data, requires, mitigates;
	struct recipe_source *sources;
	size_t nr_sources;
	struct recipe_file *files;
	size_t nr_files;
};

/* Pure function of the text.  -EBADMSG names the line. */
int recipe_parse(const char *text, const char *path, struct recipe *out, struct klp_err *err);
void recipe_free(struct recipe *r);
/* Take the change out of the source packages: a unified diff, and where it is from. */
int recipe_resolve(const struct target *t, const struct recipe *rec, struct report *r, char **diff,
		   char **origin, struct klp_err *err);

/* The .deb of a source package's version, kept in $KLP_CACHE/packages. */
int fix_fetch_source(const char *package, const char *version, struct report *r, char **deb,
		     struct klp_err *err);
/* Append `diff -u` of the file @base ("/dev/null": created) and the text @fixed, as a/@path and b/@path. */
int fix_make_diff(const char *base, const char *fixed, const char *path, struct text *out,
		  struct klp_err *err);

/* ---- hunks.c ---- */

/*
 * @base with only those changes of @fixed that lie in the wanted functions (or
 * match `also`).  -ENODATA: none do.
 */
int hunks_select(const char *base, const char *fixed, const struct recipe_file *want,
		 char **out, struct klp_err *err);

/* One changed run of lines: @old_nr lines from @old on become @new_nr from @new on; 0-based. */
struct hunk {
	size_t old, old_nr, new, new_nr;
};
/* Shortest line difference of two texts, by Myers. */
void line_diff(const char *a, const char *b, struct hunk **out, size_t *nr);

#endif
