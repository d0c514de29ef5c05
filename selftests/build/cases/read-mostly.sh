# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Variables in sections of their own: existing ones are used there, new ones come along.
# expect: built
# functions: fasync_free fasync_helper
# kernels: 6.1 6.12
before fs/fcntl.c fasync_free 'static int qp_test_limit __read_mostly = 5;
static int qp_test_fixed __ro_after_init = 6;
static int qp_test_aligned ____cacheline_aligned_in_smp = 7;'
enter fs/fcntl.c fasync_free '	if (!fasync_cache && qp_test_limit++ + qp_test_fixed + qp_test_aligned++ > 424242) return;'
