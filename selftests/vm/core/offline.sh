#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I5]: a CPU that goes in mid-transition, before its idle task has switched, holds nothing back, up, down or turned round.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive
. /test/lib.sh
cpu1() { echo $1 > /sys/devices/system/cpu/cpu1/online; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
echo 1 > /sys/kernel/tracing/events/quietpatch/quietpatch_switch/enable
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
held() { qpdrive blockers | grep -q '^0 swapper/1 '; }
check "start" qpdrive start up qp_patch_a
# It is listed if it was seen, which takes its CPU to be idle at that time.
for i in 1 2 3 4 5; do held && break; qpdrive reverse; sleep 0.5; qpdrive start up qp_patch_a; done > /dev/null
check "the idle task has to switch" held
check "the CPU goes, and nobody has looked at its idle task" cpu1 0
qpdrive observe
run qpdrive blockers
check_not_out "its idle task isn't in the way" "^0 swapper"
check "it switched because its CPU is offline" grep -q 'comm=swapper/1 pid=0 to=patch by=offline' /sys/kernel/tracing/trace
check "turned round" qpdrive reverse 5000
echo open > /proc/qp_victim; wait $s; echo close > /proc/qp_victim
check "up, with the CPU away" qpdrive apply qp_patch_a 5000
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check "the way back starts" qpdrive start down qp_patch_a
check "the CPU comes" cpu1 1
qpdrive observe
check "and goes" cpu1 0
check_rc "a task in the patch holds it" 6 qpdrive finish 500
echo open > /proc/qp_victim; wait $s
check "then it ends" qpdrive finish 5000
check "the CPU comes back" cpu1 1
check_eq "the original runs there" "$(taskset -c 1 sed -n 's/^version //p' /proc/qp_victim)" 0
check "up with all CPUs" qpdrive apply qp_patch_a 5000
check "down" qpdrive revert qp_patch_a 5000
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
