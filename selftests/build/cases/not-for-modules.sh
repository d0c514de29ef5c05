# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A thread's own variable, and a function that is chosen when a program starts: the loader of modules has neither.
# expect: refused symbol do_utimes
# expect: refused symbol signalfd_poll
# kernels: 6.1 6.12
before fs/utimes.c do_utimes 'static __thread int qp_test_tls;'
enter fs/utimes.c do_utimes '	if (qp_test_tls++ > 5) return -EPERM;'
before fs/signalfd.c signalfd_poll 'static int qp_test_one(void) { return 1; }
static void *qp_test_which(void) { return qp_test_one; }
static int qp_test_chosen(void) __attribute__((ifunc("qp_test_which")));'
enter fs/signalfd.c signalfd_poll '	if (qp_test_chosen() > 5) return 0;'
