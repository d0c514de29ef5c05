# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Data that is given back after boot.
# expect: refused init inode_set_flags
# says: ihash_entries
enter fs/inode.c inode_set_flags '	if (ihash_entries == 424242) return;'
