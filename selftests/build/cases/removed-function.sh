# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function goes away; its callers change.
# kernels: 6.1 7.3
# expect: built
# functions: do_utimes
edit fs/utimes.c '/^static int do_utimes_fd\(/,/^\}/d; s/do_utimes_fd\(dfd, times, flags\)/-EBADF/'
