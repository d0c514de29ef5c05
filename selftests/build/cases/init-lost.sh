# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An __init function that loses the attribute and gets a caller: the one that runs is no longer in memory.
# expect: refused init inode_set_flags
# says: set_ihash_entries
edit fs/inode.c 's/^static int __init set_ihash_entries/static int noinline __cold set_ihash_entries/'
enter fs/inode.c inode_set_flags '	if (flags == 424242) set_ihash_entries(NULL);'
