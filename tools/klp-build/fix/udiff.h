/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * udiff.h - unified diffs: what they say of each file, and their application.
 *
 * Pure functions of the text.  What isn't understood is a section with a
 * problem, never one that is skipped: a torn download must not become a fix of
 * what happened to arrive.  patch(1) isn't used, because it takes a hunk with
 * fuzz, or at the nearest of several places.
 */
#ifndef KLP_UDIFF_H
#define KLP_UDIFF_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;
struct text;

enum udiff_kind {
	UDIFF_CHANGED,
	UDIFF_CREATED,
	UDIFF_DELETED,
	UDIFF_MODE,	/* only the file's mode changes */
	UDIFF_RENAMED,
	UDIFF_COPIED,
	UDIFF_BINARY,
	UDIFF_LINK,	/* a symbolic link or another repository, not a file, or becomes one */
	UDIFF_UNREADABLE,	/* torn, or not in the tree: see problem */
};

struct udiff_hunk {
	size_t old, old_nr, new, new_nr;	/* of its "@@" line; 1-based, as there */
	const char *lines;	/* behind the "@@" line: @nr_lines with their ' ', '-', '+', '\' */
	size_t nr_lines;
	size_t at;		/* line of the diff's text, 1-based */
	const char *heading;	/* what stands behind the second "@@", up to the line's end */
};

struct udiff_section {
	char *path;		/* normalised, relative to the tree */
	char *from;		/* renamed or copied: from where; NULL else */
	enum udiff_kind kind;
	char *problem;		/* why it can't be used; NULL: it can */
	struct udiff_hunk *hunks;
	size_t nr_hunks;
};

struct udiff {
	struct udiff_section *sections;
	size_t nr;
};

/*
 * Borrows @text.  -EBADMSG: not a unified diff at all (text says what it is
 * instead); everything else is in the sections.
 */
int udiff_parse(const char *text, struct udiff *out, struct klp_err *err);
void udiff_free(struct udiff *d);
void udiff_section_free(struct udiff_section *s);

/*
 * "b/net//core/./x.c", maybe in quotes, with or without one folder in front,
 * to "net/core/x.c".  @both: the other side's spelling, or NULL.  -EXDEV: it
 * leads out of the tree, -EBADMSG: not a path.  In udiff_path.c.
 */
int udiff_path(const char *s, size_t len, const char *both, size_t both_len, char **out);
/* The length of a file's name at the start of a line: quoted, or up to a tab or the line's end. */
size_t udiff_name_length(const char *s);

/* Where one hunk went. */
struct udiff_place {
	size_t line;		/* 1-based, in the text that it was applied to */
	long offset;		/* from where the diff says, earlier hunks' own shifts taken off */
};

/* What tells which of several places is meant. */
enum udiff_numbers {
	UDIFF_OF_BASE,		/* the line numbers: they are of this very file */
	UDIFF_OF_ANOTHER,	/* nothing: another diff has changed the file before */
	/*
	 * Of a file with some of the commits before, and others: the heading, if one place is under it; else
	 * the numbers, with what earlier hunks were off by, but not against the heading.
	 */
	UDIFF_OF_SERIES,
};

/*
 * Apply the hunks of @s to @base (NULL: it is created), or take them @back.  Each line
 * of context has to be there as it is.  A hunk goes where it says, or to the only other
 * place that it fits.  -ENOENT: it fits nowhere; -ENOTUNIQ: at several places;
 * err says which hunk.  @places (one a hunk; NULL: don't tell) and *@out only on success.
 */
int udiff_apply(const struct udiff_section *s, const char *base, enum udiff_numbers numbers, bool back,
		struct udiff_place *places, char **out, struct klp_err *err);

#endif
