# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Calls that a hypervisor may replace.
# expect: built
# functions: groups_search in_egroup_p in_group_p
# kernels: 6.1 6.12 7.3
enter kernel/groups.c groups_search '	unsigned long flags;
	local_irq_save(flags);
	local_irq_restore(flags);'
