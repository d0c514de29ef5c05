# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An export that goes along with its function, to another file: the kernel's own still holds.
# expect: built
edit kernel/groups.c '/^void groups_free/,/^EXPORT_SYMBOL/d'
append kernel/cred.c 'void groups_free(struct group_info *group_info)
{
	kvfree(group_info);
}
EXPORT_SYMBOL(groups_free);'
