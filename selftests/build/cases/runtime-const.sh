# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Constants that are patched into vmlinux at boot: pointers are read from memory.
# expect: built
# functions: __ia32_sys_getgroups __x64_sys_getgroups
# kernels: 6.12 7.3
enter kernel/groups.c groups_to_user '	if (!access_ok(grouplist, 4)) return -EFAULT;'
