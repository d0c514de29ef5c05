/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.h - the patched source tree: symbolic links over the pristine one.
 *
 * Folders that hold something of the fix's, and their parents, are real, so
 * that an #include relative to the including file finds the patched one; all
 * else links to the pristine tree.  The original is compiled from that tree.
 */
#ifndef KLP_OVERLAY_H
#define KLP_OVERLAY_H

#include <stdbool.h>

struct build;
struct klp_err;

/* Make b->workdir/patched and apply the fix to it; what doesn't fit is refused in the report. */
int overlay_create(struct build *b, struct klp_err *err);
/* b->workdir/patched as links alone; and one file of it as a link to @text, or not there (NULL). */
int overlay_link(const struct build *b, struct klp_err *err);
int overlay_show(const struct build *b, const char *path, const char *text, struct klp_err *err);
/* Make a folder of it real: units compiled from there see patched "../x.h". */
int overlay_real_dir(const struct build *b, const char *dir, struct klp_err *err);
/* The same for the folder of a file; each ".." on its way goes out of a real one, too. */
int overlay_real_dirs_of(const struct build *b, const char *path, struct klp_err *err);
/*
 * The patched files get "#line"s, so that code behind a change keeps its line
 * numbers; @on false takes them out again.
 */
int overlay_line_markers(const struct build *b, bool on, struct klp_err *err);

/* ---- line_markers.c ---- */

/*
 * @patched with a #line directive behind each change that moves lines, where
 * a statement or declaration has ended.  Pure.
 */
char *line_markers_add(const char *orig, const char *patched);

#endif
