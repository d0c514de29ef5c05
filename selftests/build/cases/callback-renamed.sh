# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A work's function gets another name along with its fix: works that were set up before go on calling the old one.
# expect: refused other free_user_ns
# says: free_user_ns_fn of kernel/user_namespace.c comes
# kernels: 6.1 6.12
edit kernel/user_namespace.c 's/\bfree_user_ns\b/free_user_ns_fn/'
enter kernel/user_namespace.c free_user_ns_fn '	if (!work) return;'
