# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# New pr_debug() calls, in vmlinux and in a module.
# expect: built
# functions: groups_search in_egroup_p in_group_p get_joliet_filename
# kernels: 6.1 6.12 7.3
enter kernel/groups.c groups_search '	pr_debug("quietpatch\n");'
enter fs/isofs/joliet.c get_joliet_filename '	pr_debug("quietpatch %d\n", de->length[0]);'
