# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A macro for assemblers: what includes the header is assembly.
# expect: refused assembly arch/x86/entry/entry_64.S
# expect: refused assembly arch/x86/entry/entry_64_compat.S
# expect: refused assembly arch/x86/entry/thunk_64.S
# expect: refused assembly arch/x86/kernel/head_64.S
# expect: refused assembly arch/x86/xen/xen-asm.S
edit arch/x86/entry/calling.h '/^\.macro PUSH_REGS /,/^\.endm/ s/^\.endm$/\tnop\n&/'
