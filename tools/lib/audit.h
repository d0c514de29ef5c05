/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit.h - who did what, when, why, and how it ended: to systemd's journal, where there is one, and to a file.
 *
 * Nothing depends on it: a patch isn't kept out because there is no journal or no room.
 */
#ifndef KLP_AUDIT_H
#define KLP_AUDIT_H

#include <jansson.h>

struct klp_err;

#define AUDIT_JOURNAL	"/run/systemd/journal/socket"
#define AUDIT_FILE	"history"	/* JSON, a line an entry; and the one before it, history.1 */

/*
 * For the command @command with its operands @what (@nr of them) by @tool, which ended with @exit (enum exit_code) and, if it
 * didn't do what it was asked for, with the reason @why: {"at", "boot", "tool", "user", "login", "by", "command", "what", "exit",
 * "outcome", "why"}.  "user" is the user id, "login" the one that logged in, whatever sudo made of it (-1: none did), "by" the
 * name of the process that started us; "outcome": done, nothing, refused, failed.  All text is printable.  NULL: no memory.
 */
json_t *audit_entry(const char *tool, const char *command, char *const *what, int nr, int exit, const char *why);
/* To the journal at @socket, by systemd's native protocol; @done, @not: MESSAGE_ID of what was done, and of what wasn't. */
void audit_journal(const char *socket, const json_t *entry, const char *done, const char *not);
/* To the end of AUDIT_FILE in @dir, on the disk when it returns.  At 1 MiB the file becomes history.1. */
int audit_append(const char *dir, const json_t *entry, struct klp_err *err);
/* All that is kept in @dir, the oldest first; a new reference.  A line that was cut off by a crash is left out. */
int audit_read(const char *dir, json_t **out, struct klp_err *err);

#endif
