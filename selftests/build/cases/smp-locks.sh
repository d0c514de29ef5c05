# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Lock prefixes, paravirt calls, CPU features.
# expect: built
# functions: groups_search in_egroup_p in_group_p
# kernels: 6.1 6.12
before kernel/groups.c groups_search '#include <asm/cpufeature.h>
static atomic_t qp_test_count;'
enter kernel/groups.c groups_search '	unsigned long flags;
	local_irq_save(flags);
	if (static_cpu_has(X86_FEATURE_SMAP))
		atomic_inc(&qp_test_count);
	local_irq_restore(flags);
	if (atomic_xchg(&qp_test_count, 1) == -1) return 0;'
