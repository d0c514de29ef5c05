# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new enumerator behind the last: who names only the others isn't compiled.
# expect: built
# functions: __io_arm_poll_handler
# units: 1
edit include/linux/io_uring.h '/^enum io_uring_cmd_flags/,/^\};/ s|^\};|\tIO_URING_F_ANSWER\t= 4096,\n&|'
enter io_uring/poll.c __io_arm_poll_handler '	if (issue_flags & IO_URING_F_ANSWER) return -EBADF;'
