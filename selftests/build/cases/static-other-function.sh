# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static local of one function goes, and one of that name and type comes in another.
# expect: refused data core_dump_count
edit fs/coredump.c '/static atomic_t core_dump_count = /d; s/atomic_inc_return\(&core_dump_count\)/1/; s/atomic_dec\(&core_dump_count\)/barrier()/'
enter fs/coredump.c dump_align '	static atomic_t core_dump_count = ATOMIC_INIT(0);
	if (atomic_inc_return(&core_dump_count) == 424242) return 0;'
