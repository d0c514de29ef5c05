# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Two units of vmlinux, in one patch.
# expect: built
# functions: groups_search in_egroup_p in_group_p do_utimes
# kernels: 6.1 6.12 7.3
enter kernel/groups.c groups_search '	if (group_info == (void *)42) return 0;'
enter fs/utimes.c do_utimes '	if (dfd == -4242) return -EBADF;'
