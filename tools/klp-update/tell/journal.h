/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.h - what happened, once more in systemd's journal, where there is one.
 *
 * Each row of the history becomes an entry: MESSAGE_ID by the kind of event (journal.c has the table, klp-update(1) prints
 * it), PRIORITY, and QUIETPATCH_EVENT, _PATCH, _RELEASE and _DIGEST.
 */
#ifndef KLP_UPDATE_JOURNAL_H
#define KLP_UPDATE_JOURNAL_H

struct update;

/* The rows that weren't sent yet.  Nothing depends on it: without a journal they count as sent. */
void journal_write(struct update *u);

#endif
