/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series_patch.h - one commit of a series: what its mail says of it, and its
 * hunks, applied exactly or not at all.  Pure functions of texts.
 */
#ifndef KLP_SERIES_PATCH_H
#define KLP_SERIES_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "fix/udiff.h"

struct klp_err;

struct sp_commit {
	char id[41];		/* 40 hex digits, or "" */
	char *subject;		/* one line of UTF-8, without "[PATCH ...]" */
	struct strings upstream;	/* ids that it says it is a copy of */
	struct strings cves;	/* that its text names */
	bool cover;		/* "[PATCH 0/3]": a letter, no commit */
	char *text;		/* that the hunks lie in */
	struct udiff diff;	/* each section can be used, or is of a binary file or a link */
};

/*
 * The text of a mail as git format-patch makes it, or of a diff with comments before it.
 * -EBADMSG: not such a text, or a torn one; -ENODATA: it has no diff; -ENOTSUP: an encoding of mails that isn't read
 * here.
 */
int sp_parse(const char *text, size_t len, struct sp_commit *out, struct klp_err *err);
void sp_free(struct sp_commit *c);

/*
 * Apply @f to @base (NULL: there is no such file): each hunk at the one place that has its lines.
 * *out is malloc()ed, NULL: the file is gone.  -ENOENT: they are nowhere, or there is a file that should not be
 * or none that should; -ENOTUNIQ: they are at several places, and nothing tells which is meant.
 */
int sp_apply(const struct udiff_section *f, const char *base, char **out, struct klp_err *err);
/* Is @base what @f makes of its file? */
bool sp_is_applied(const struct udiff_section *f, const char *base);

/* Names of the functions and macros of the two texts of one file in which lines differ. */
void sp_changed_names(const char *old, const char *new, struct strings *out);

/* A copy with each byte that isn't part of UTF-8, and each control character, as '?'. */
char *sp_utf8_line(const char *s, size_t len);

#endif
