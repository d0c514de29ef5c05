# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One goes, and one of another type comes: told, not refused.
# expect: built
# says: of another type
edit fs/coredump.c '/static atomic_t core_dump_count = /d; s/atomic_inc_return\(&core_dump_count\)/1/; s/atomic_dec\(&core_dump_count\)/barrier()/'
enter fs/coredump.c dump_align '	static struct file *last;
	if (last == cprm->file) return 0;
	last = cprm->file;'
