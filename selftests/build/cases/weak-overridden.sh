# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The weak function that x86 overrides is a dead copy.
# expect: refused weak arch_crash_save_vmcoreinfo
edit kernel/crash_core.c '/^void __weak arch_crash_save_vmcoreinfo/,/^\{\}/ s/^\{\}/{ asm volatile("nop"); }/'
