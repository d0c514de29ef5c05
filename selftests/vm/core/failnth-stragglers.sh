#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: each allocation of an end with stragglers, and of the way back from it, fails once: nothing leaks, nothing stays, and then it works.
# For the debug kernel: stock ones have no fault injection.
# kernels: 6.1
# modules: qp_victim qp_patch_sleeper
# progs: qpdrive failnth
# timeout: 120
. /test/lib.sh
[ -e /proc/self/fail-nth ] || { skip "this kernel has no fault injection: run it on the debug kernel"; exit 0; }
echo N > /sys/kernel/debug/failslab/ignore-gfp-wait
echo 0 > /sys/kernel/debug/failslab/verbose
stands_in() { grep -q "$2" /proc/$1/stack; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_sleeper.ko
(echo sleep > /proc/qp_victim) & s=$!
check "one stands in the old code" wait_for 10 stands_in $s qp_sleeper
check "an end without it" failnth leave qp_patch_sleeper; show
check "the way back from there" failnth back qp_patch_sleeper; show
check_eq "nobody is left" "$(qpdrive stragglers)" ""
echo open > /proc/qp_victim; wait $s
check "up" qpdrive apply qp_patch_sleeper
check "down" qpdrive revert qp_patch_sleeper
for m in qp_patch_sleeper qp_victim; do check "rmmod $m" wait_for 20 rmmod $m; done
unload_core
