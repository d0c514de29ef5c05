# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Two names for one place.
# expect: built
# functions: __do_sys_sync
# kernels: 6.1 6.12
edit fs/sync.c '/^SYSCALL_DEFINE0\(sync\)/,/^\}/ s/ksys_sync\(\);/if (current->pid != 4242424)\n\t\tksys_sync();/'
