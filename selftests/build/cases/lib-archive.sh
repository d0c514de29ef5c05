# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A unit that gets into vmlinux through arch/x86/lib/lib.a.
# expect: built
# functions: insn_get_addr_ref insn_get_modrm_rm_off
# kernels: 6.1 6.12
enter arch/x86/lib/insn-eval.c insn_get_modrm_rm_off '	if (!regs) return -EINVAL;'
