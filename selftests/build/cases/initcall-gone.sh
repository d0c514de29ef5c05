# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An initcall that isn't made any more, with its function: the sysctl that it registered is there.
# expect: refused init kernel_exit_sysctls_init
# says: its initcall is removed
edit kernel/exit.c '/^static __init int kernel_exit_sysctls_init/,/^late_initcall/d'
