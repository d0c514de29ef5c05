# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# vmlinux and two modules, in one patch.
# expect: built
# functions: groups_search in_egroup_p in_group_p get_joliet_filename dummy_validate
# kernels: 6.1 6.12 7.3
enter kernel/groups.c groups_search '	if (group_info == (void *)42) return 0;'
enter fs/isofs/joliet.c get_joliet_filename '	if (!de) return 0;'
enter drivers/net/dummy.c dummy_validate '	if (!data && !tb) return -EINVAL;'
