/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings_file.h - /etc/quietpatch/update.conf and its drop-ins, read and written.
 *
 * "key = value" lines; '#' starts a comment at the start of a line or after white space.  update.conf.d/NAME.conf are
 * read after update.conf, in the order of their names; a later file overrides an earlier one.  An unknown key, a wrong
 * value, a key that stands twice in one file, a file there of which nobody can say whether it was meant to be read: each
 * is an error that names file and line, since a setting that is ignored in silence is worse than a run that doesn't
 * happen.  Only what editors and dpkg leave behind is left alone, and `config` and `doctor` name it.
 */
#ifndef KLP_UPDATE_SETTINGS_FILE_H
#define KLP_UPDATE_SETTINGS_FILE_H

struct klp_err;
struct settings;

/* @path and its drop-ins, @path.d/NAME.conf.  Absent ones are fine. */
int settings_read(struct settings *s, const char *path, struct klp_err *err);
/* The text of one file, which is cut up; @path: for people. */
int settings_parse(struct settings *s, char *text, const char *path, struct klp_err *err);
/*
 * Write "@key = @value" into @path, in place of the line that sets it there.  -EEXIST: a drop-in would override it.
 */
int settings_write(const struct settings *s, const char *path, const char *key, const char *value, struct klp_err *err);

#endif
