# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# get_user(), put_user() and unsafe accesses: exception table, alternatives, 6.12's boot-time constants.
# expect: built
# functions: __ia32_sys_getgroups __ia32_sys_setgroups __x64_sys_getgroups __x64_sys_setgroups
# kernels: 6.1
enter kernel/groups.c groups_to_user '	if (!access_ok(grouplist, 4)) return -EFAULT;
	if (put_user(1, grouplist) || __put_user(2, grouplist)) return -EFAULT;'
enter kernel/groups.c groups_from_user '	gid_t qp;
	if (!user_access_begin(grouplist, 4)) return -EFAULT;
	unsafe_get_user(qp, grouplist, out);
	user_access_end();
	if (0) {
out:		user_access_end();
		return -EFAULT;
	}
	if (qp == 4242) return -EINVAL;'
