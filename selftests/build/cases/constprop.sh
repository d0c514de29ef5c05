# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Clones that the compiler specialises and names: FUNCTION.constprop.0 and the like.
# expect: built
# functions: mtrr_file_add.constprop.0
enter arch/x86/kernel/cpu/mtrr/if.c mtrr_file_add '	if (type == 42) return -EINVAL;'
