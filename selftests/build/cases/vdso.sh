# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The vdso is mapped into processes.
# expect: refused assembly arch/x86/entry/vdso/vgetcpu.c
enter arch/x86/entry/vdso/vgetcpu.c __vdso_getcpu '	asm volatile("nop");'
