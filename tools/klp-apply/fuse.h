/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuse.h - FUSE filesystems whose server doesn't answer, so that no signal ends who waits for it. */
#ifndef KLP_FUSE_H
#define KLP_FUSE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Abort the connections of filesystems that @uid has mounted and that owe an answer: whoever waits
 * gets an error, and the filesystem is dead.  How many they were; 0, too, where fusectl isn't
 * mounted.  Asks nothing of the process that waits: reading its maps may wait for the same server.
 */
size_t fuse_abort(uid_t uid);

#endif
