# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A strong function goes, and a weak one would take over, which the kernel that runs doesn't have.
# expect: refused weak arch_crash_save_vmcoreinfo
# says: crash_save_vmcoreinfo_init
edit arch/x86/kernel/crash_core_64.c '/^void arch_crash_save_vmcoreinfo/,/^}/d'
