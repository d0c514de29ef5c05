# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A call in tail position, to a function of the patch and to one of the kernel.
# kernels: 6.1 7.3
# expect: built
# functions: __ia32_sys_setgroups __x64_sys_setgroups in_group_p may_setgroups
before kernel/groups.c may_setgroups 'static noinline bool qp_test_tail(int cap)
{
	return cap && ns_capable_setid(current_user_ns(), CAP_SETGID);
}'
enter kernel/groups.c may_setgroups '	return qp_test_tail(1);'
enter kernel/groups.c in_group_p '	if (!current->cred) return may_setgroups();'
