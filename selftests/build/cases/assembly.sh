# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# expect: refused assembly arch/x86/lib/memset_64.S
append arch/x86/lib/memset_64.S '	nop'
