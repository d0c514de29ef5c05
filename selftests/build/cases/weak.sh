# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A weak function that nothing overrides is like any other.
# expect: built
# functions: page_is_ram
enter kernel/resource.c page_is_ram '	if (pfn == 4242) return -1;'
