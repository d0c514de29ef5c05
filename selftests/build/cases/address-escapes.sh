# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The address of a new function gets out: that patch stays in memory.
# expect: built
# functions: __ia32_sys_setgroups __x64_sys_setgroups groups_sort
# says: qp_test_cmp
before kernel/groups.c groups_sort 'static int qp_test_cmp(const void *a, const void *b)
{
	return gid_cmp(a, b);
}'
edit kernel/groups.c 's/sizeof\(\*group_info->gid\),$/sizeof(*group_info->gid),/; s/gid_cmp, NULL\)/group_info->ngroups > 5 ? qp_test_cmp : gid_cmp, NULL)/'
