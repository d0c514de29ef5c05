/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notices.h - notices that wait to be handed on: a file each, in a folder of root's.
 *
 * A run of klp-update adds one; `klp-update notify` hands them on, the oldest first, and takes each away when it has been delivered.
 * One that comes meanwhile waits beside the others; one whose notifier was killed is still there.  The name tells its place, and what
 * is left to do: N.notice, N.command.notice (it has been mailed), N.mail.notice (the command has got it).  quietpatch-notify.path
 * looks for names that end in .notice.
 */
#ifndef KLP_UPDATE_NOTICES_H
#define KLP_UPDATE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

#define NOTICES_DIR	"/run/quietpatch/notices"
#define NOTICE_MAX	4096	/* bytes of one */

#define NOTICE_PLACE	20	/* digits of N: those that come later are greater */

struct notice {
	char name[64];
	bool command, mail;	/* is still to be done */
};

/* @root: "" or a folder that stands for /. */
int notices_add(const char *root, const char *text, struct klp_err *err);
/* What they tell isn't so any more. */
int notices_drop(const char *root, struct klp_err *err);
/* All of them, the oldest first; malloc()ed.  No folder: none. */
int notices_list(const char *root, struct notice **out, size_t *nr, struct klp_err *err);
/* The text of one, with a NUL behind it; malloc()ed.  -ENOENT: it has been dropped. */
int notices_read(const char *root, const struct notice *n, char **text, struct klp_err *err);
/* What is still to be done of @n, written down: nothing removes it.  One that has been dropped is fine. */
int notices_keep(const char *root, struct notice *n, struct klp_err *err);

#endif
