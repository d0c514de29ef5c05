/* SPDX-License-Identifier: GPL-2.0-or-later */
/* header_macros.h - what macros elsewhere make of a header's change; by text, a superset. */
#ifndef KLP_HEADER_MACROS_H
#define KLP_HEADER_MACROS_H

#include "base/text.h"
#include "headerdiff.h"
#include "reach.h"

struct build;
struct klp_err;

struct changed_file {
	const char *path;
	bool created;		/* may stand before another of its name: who reads it isn't known */
	struct header_change change;
};

struct header_macros {
	const struct build *b;
	struct changed_file *files;
	size_t nr_files;
	struct hashes tested;	/* out: files with an #if that may see a changed macro */
};

/* The text of a file, to be freed, as is @path by this.  "" if it isn't there; NULL: it can't be read. */
char *header_text(char *path, struct klp_err *err);

/*
 * Is a word of a changed declaration a macro anywhere in what the units read (@near)?  Then the change matters to all that read
 * it: "everything" is set.  And which files test a changed macro in an #if: the preprocessor doesn't tell of one that isn't defined.
 */
int header_macros_look(struct header_macros *m, const struct strings *near, struct klp_err *err);

#endif
