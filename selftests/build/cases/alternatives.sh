# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Alternatives, and jumps out of line that they decide about.
# expect: built
# functions: groups_search in_egroup_p in_group_p
# kernels: 6.1 6.12
before kernel/groups.c groups_search '#include <asm/cpufeature.h>
#include <asm/special_insns.h>'
enter kernel/groups.c groups_search '	if (static_cpu_has(X86_FEATURE_XSAVES) && static_cpu_has(X86_FEATURE_LA57) && !group_info) clflushopt(&grp);'
