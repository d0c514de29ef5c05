#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I5]: a kernel thread that plays idle (intel_powerclamp, idle_inject) isn't taken for its CPU's idle task: it is judged by its stack, and may end.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_sleeper qp_inject
# progs: qpdrive
. /test/lib.sh
cpu1() { echo $1 > /sys/devices/system/cpu/cpu1/online; }
asleep() { grep -q qp_sleeper "/proc/$(pidof qp_inject)/stack"; }
# CPU 1 never is idle by itself.
taskset 2 sh -c 'while :; do :; done' & busy=$!
load_core
for m in qp_victim qp_patch_sleeper qp_inject; do need "load $m" insmod /modules/$m.ko; done
for i in 1 2 3; do
	check "up while it plays idle" qpdrive apply qp_patch_sleeper
	check "down" qpdrive revert qp_patch_sleeper
done
echo 1 > /sys/module/qp_inject/parameters/asleep
check "it sleeps in the affected code" wait_for 10 asleep
check "its CPU goes" cpu1 0
check_rc "it holds the patch back" 7 qpdrive apply qp_patch_sleeper 1000
check "its CPU comes" cpu1 1
taskset -p 2 $busy > /dev/null
echo 0 > /sys/module/qp_inject/parameters/asleep
echo open > /proc/qp_victim
check "up, and it plays idle again" qpdrive apply qp_patch_sleeper
check "down" qpdrive revert qp_patch_sleeper
check "it ends" rmmod qp_inject
check "up without it" qpdrive apply qp_patch_sleeper
check "down" qpdrive revert qp_patch_sleeper
kill $busy; wait $busy 2> /dev/null
check "rmmod the patch" wait_for 20 rmmod qp_patch_sleeper
check "rmmod the victim" rmmod qp_victim
unload_core
