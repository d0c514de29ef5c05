#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I5]: a task that has left the list of processes, which the monitor goes by, and sleeps outside affected code holds nothing back.
# kernels: 6.1 6.12
# modules: qp_victim qp_late
# packed: qp_patch_b
. /test/lib.sh
gone() { ! ps | grep -q '[q]p_late'; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "a task that ends" insmod /modules/qp_late.ko
need "it has left the list of processes" wait_for 10 gone
check "a patch goes in" klp-apply load --timeout 20 /bundles/qp_patch_b.klp; show
echo open > /proc/qp_victim
check "it was there all the time, and is dead now" rmmod qp_late
# Not before: up to 6.8 RCU-tasks waits for it, so that the module would stay.
check "and out" klp-apply revert patch-b
check "rmmod the victim" rmmod qp_victim
unload_core
