# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new static key in a module's changed code: the patch's own, with a jump label.
# expect: built
# functions: dummy_validate
# kernels: 6.1 6.12 7.3
before drivers/net/dummy.c dummy_validate 'static DEFINE_STATIC_KEY_TRUE(qp_test_key);'
enter drivers/net/dummy.c dummy_validate '	if (static_branch_likely(&qp_test_key) && !data && !tb) return -EINVAL;'
