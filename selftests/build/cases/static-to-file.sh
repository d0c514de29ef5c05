# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static local becomes one of the file's: the same state, under another name.
# expect: refused data core_dump_count
edit fs/coredump.c '/static atomic_t core_dump_count = /d; s/^void do_coredump\(/static atomic_t core_dump_count = ATOMIC_INIT(0);\n\n&/'
