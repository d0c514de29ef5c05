/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own_folder.h - the folders that a publisher, a log's keeper and a witness remember in what they have signed. */
#ifndef KLP_REPO_OWN_FOLDER_H
#define KLP_REPO_OWN_FOLDER_H

struct klp_err;

/*
 * Is @dir a folder, no link to one, in which nobody else can write, and in whose place nobody else can put another?  Who can, an
 * older copy for example, has one key sign two histories; and a lock that others may take holds up everything.  -EPERM: it isn't;
 * errors of lstat(2).
 */
int own_folder_check(const char *dir, struct klp_err *err);

#endif
