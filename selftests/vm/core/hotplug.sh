#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I4] [I5]: CPUs that go and come while a transition is open; their idle tasks and kernel threads switch, too.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
# smp: 3
. /test/lib.sh
cpu() { echo $2 > /sys/devices/system/cpu/cpu$1/online; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
echo workers > /proc/qp_victim
victims 1 & v=$!
need "a CPU goes" cpu 2 0
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check "start" qpdrive start up qp_patch_a
check "another CPU goes in mid-transition" cpu 1 0
qpdrive observe > /dev/null
check "one comes" cpu 2 1
qpdrive observe > /dev/null
check "the other comes back" cpu 1 1
echo open > /proc/qp_victim; wait $s
check "then it ends" qpdrive finish 20000
check_eq "applied" "$(attr patches/qp_patch_a/state)" applied
(while :; do cpu 1 0; cpu 1 1; done) & h=$!
for i in 1 2 3 4; do
	qpdrive revert qp_patch_a 20000 && qpdrive apply qp_patch_a 20000 || fail "round $i, while a CPU goes and comes"
done
kill $h; wait $h 2>/dev/null
cpu 1 1 2>/dev/null
check "down" qpdrive revert qp_patch_a
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
