# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Where that memory begins and ends may be asked for.
# expect: built
# functions: __kernel_text_address
enter kernel/extable.c __kernel_text_address '	if (addr == 424242) return 0;'
