# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function of a file that has such a template, which stays as it is.
# expect: built
# functions: arch_check_optimized_kprobe
enter arch/x86/kernel/kprobes/opt.c arch_check_optimized_kprobe '	if (!op->optinsn.size) return 0;'
