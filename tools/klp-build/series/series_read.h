/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * series_read.h - where a series' commits come from: a mailbox, a folder of
 * patches, a range of a git repository.  One commit's text is in memory at a time.
 */
#ifndef KLP_SERIES_READ_H
#define KLP_SERIES_READ_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;
struct series_source;

/*
 * @what: a mailbox as `git format-patch --stdout` writes it; a folder of *.patch files, taken by name, and no
 * others; "A..B" in the current git repository, or "DIR:A..B" in another.
 */
int series_open(const char *what, struct series_source **out, struct klp_err *err);
void series_close(struct series_source *s);
size_t series_nr(const struct series_source *s);
/* "stable" of stable.mbox or of stable/; "series" of a range. */
const char *series_name(const struct series_source *s);
/* Is it a range, all of whose commits are as git has them?  One without a diff changes nothing. */
bool series_is_range(const struct series_source *s);
/* Commit @i: *text is malloc()ed, *label (borrowed) says where it stands: a file's name, an id, "mail 3". */
int series_text(struct series_source *s, size_t i, char **text, size_t *len, const char **label,
		struct klp_err *err);

#endif
