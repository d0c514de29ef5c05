# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A warning comes, in a function that already has alternatives and exceptions.
# expect: built
# functions: __ia32_sys_getgroups __x64_sys_getgroups set_groups
# kernels: 6.1 6.12 7.3
enter kernel/groups.c groups_to_user '	if (WARN_ON_ONCE(!group_info)) return -EINVAL;'
enter kernel/groups.c set_groups '	BUG_ON(!new);'
