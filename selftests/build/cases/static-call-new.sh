# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static call that is new: its trampoline and its key are the patch's own.
# expect: built
# functions: do_utimes
# kernels: 6.1 6.12
# after: own-static-call
edit fs/utimes.c 's/^#include <linux\/file.h>/&\n#include <linux\/static_call.h>/'
before fs/utimes.c do_utimes 'static int qp_test_impl(int flags)
{
	return flags > 7;
}
DEFINE_STATIC_CALL(qp_test_call, qp_test_impl);'
enter fs/utimes.c do_utimes '	if (static_call(qp_test_call)(flags >> 8)) return -EPERM;'
