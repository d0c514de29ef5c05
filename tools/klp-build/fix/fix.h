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
#include "udiff.h"

struct klp_err;
struct target;

/* What became of a file of a fix: there is no fourth way. */
enum file_state {
	FILE_UNSETTLED,
	FILE_COMPILED,		/* the units that it is a part of were */
	FILE_IRRELEVANT,	/* shown to be no part of the running kernel */
	FILE_REFUSED,
};

struct fix_file {
	char *path;		/* relative to the tree, normalised */
	char *from;		/* renamed or copied: from where */
	enum udiff_kind kind;
	char *problem;		/* why the diff's part of it can't be used; NULL: it can */
	bool created, deleted;
	enum file_state state;
	char *reason;		/* of the state; NULL while there is none */
	size_t nr_objects;	/* that the kernel's own commands compile from it */
};

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

/* ---- fix_files.c ---- */

/* The files that a unified diff touches, once each.  Pure.  -EBADMSG: not a unified diff. */
int fix_parse_files(const char *diff, struct fix_file **out, size_t *nr, struct klp_err *err);
void fix_files_free(struct fix_file *files, size_t nr);

/* Is its change applied?  Not that of a file which is refused, or which nothing reads. */
static inline bool fix_file_applies(const struct fix_file *f)
{
	return f->state != FILE_IRRELEVANT && f->state != FILE_REFUSED;
}

/* The file ends refused; @reason is the sentence, as for report_refuse(). */
void fix_file_refuse(struct fix_file *f, struct report *r, enum refusal why, const char *remedy,
		     const char *reason);

/*
 * Apply to the tree at @root, whose touched files are regular files.  A diff that
 * doesn't fit to the letter is refused in @r; hunks in other lines are warned of.
 */
int fix_apply(const struct fix *f, const char *root, struct report *r, struct klp_err *err);

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
