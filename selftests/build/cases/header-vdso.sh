# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A file of the vdso that no command names: what is made from it is mapped into processes.
# expect: refused assembly arch/x86/entry/vdso/vclock_gettime.c
# expect: refused assembly arch/x86/entry/vdso/vdso32/vclock_gettime.c
edit lib/vdso/gettimeofday.c 's/^(\tif \(unlikely\(\(u32\) clock >= MAX_CLOCKS\)\))$/\tif (unlikely((u32) clock > MAX_CLOCKS))/'
