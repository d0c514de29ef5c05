# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# __init code has run.
# kernels: 6.1 7.3
# expect: refused init nsfs_init
enter fs/nsfs.c nsfs_init '	barrier(); asm volatile("nop");'
