# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A build that is told to end while it compiles leaves nothing behind.
# expect: built
# functions: do_utimes
# after: interrupted
enter fs/utimes.c do_utimes '	if (dfd == -4243) return -EBADF;'
