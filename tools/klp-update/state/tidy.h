/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tidy.h - what nobody needs any more in the state folder. */
#ifndef KLP_UPDATE_TIDY_H
#define KLP_UPDATE_TIDY_H

struct update;

/*
 * With the lock held: temporary files of runs that were killed, by the names that klp-update itself gives them; and kept bundles that are
 * of no use any more.  Those stay that are in force, that a row of the database still speaks of (but for one whose place a later
 * release has taken), and files of other names.  Warns of what it can't remove.
 */
void tidy(struct update *u);

#endif
