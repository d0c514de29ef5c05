#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Shadow variables: get, alloc, get or alloc, constructors that refuse, free, free all.
# kernels: 6.1 6.12 7.3
# modules: qp_shadow_test
. /test/lib.sh
load_core
check "all checks of the test module hold" insmod /modules/qp_shadow_test.ko
dmesg | grep qp_shadow_test: && fail "it says where"
check "it goes" rmmod qp_shadow_test
unload_core
