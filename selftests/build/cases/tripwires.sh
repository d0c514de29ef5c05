# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A refusal that the fix adds is counted; one in a header, and one that was there, aren't, and are told.
# expect: built
# functions: pipe_read
# options: --tripwires auto
# kernels: 6.1 6.12
# after: counted
enter fs/pipe.c pipe_read '	if (iov_iter_count(to) == 4243) return -EBADF;
	if (iov_iter_count(to) == 4244) {
		if (!iocb) return 0;
		return -EBADF;
	}'
