#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every allocation of a start, a reversal and a load fails once: nothing leaks, nothing stays, and then it works.
# For the debug kernel: stock ones have no fault injection.
# kernels: 6.1
# modules: qp_victim qp_patch_a
# progs: qpdrive failnth
# timeout: 200
. /test/lib.sh
[ -e /proc/self/fail-nth ] || { skip "this kernel has no fault injection: run it on the debug kernel"; exit 0; }
echo N > /sys/kernel/debug/failslab/ignore-gfp-wait
echo 0 > /sys/kernel/debug/failslab/verbose
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
check "start" failnth start qp_patch_a; show
check "reverse" failnth reverse qp_patch_a; show
check_eq "the original runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
check "rmmod the patch" wait_for 30 rmmod qp_patch_a
check "load" failnth load /modules/qp_patch_a.ko qp_patch_a; show
check "rmmod the victim" rmmod qp_victim
unload_core
echo scan > /sys/kernel/debug/kmemleak
sleep 1
echo scan > /sys/kernel/debug/kmemleak
run cat /sys/kernel/debug/kmemleak
check_not_out "no leak" "unreferenced object"
