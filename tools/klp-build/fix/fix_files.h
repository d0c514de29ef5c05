/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fix_files.h - the files that a unified diff changes: what becomes of each, and the change itself. */
#ifndef KLP_FIX_FILES_H
#define KLP_FIX_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "udiff.h"

struct klp_err;

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
 * Apply @diff to its @files in the tree at @root, where they are regular files.  One that
 * doesn't fit to the letter is refused in @r; hunks in other lines are warned of.
 * @many: it is several diffs, each made from the pristine tree.
 */
int fix_files_apply(struct fix_file *files, size_t nr, const char *diff, bool many, const char *root, struct report *r,
		    struct klp_err *err);

#endif
