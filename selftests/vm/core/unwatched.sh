#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Handlers that run where RCU doesn't watch (idle CPUs) are waited for as all others [I11]; core-unwatched-mutant shows that RCU doesn't do.
# CPU 1 has nothing to do: its idle task waits in the new function, and leaves it all the same [I5]. (The original is left by a jump.)
# kernels: 6.1
# mutant: idle-handler
# modules: qp_victim qp_patch_idle
# progs: qpdrive
. /test/lib.sh
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_idle.ko name=arch_cpu_idle addr=0x$(awk '$3 == "arch_cpu_idle" { print $1 }' /proc/kallsyms)
T=/sys/kernel/tracing
echo 1 > $T/events/quietpatch/quietpatch_switch/enable
for i in 1 2 3; do
	check "up" taskset 1 qpdrive apply qp_patch_idle nosettle 30000
	sleep 0.3
	check "down" taskset 1 qpdrive revert qp_patch_idle nosettle 30000
done
check "an idle task switched when its CPU was given something else to do" grep -q "pid=0 to=below by=relief" $T/trace
check "the new code ran with RCU not watching" [ "$(cat /sys/module/qp_patch_idle/parameters/unwatched)" -gt 0 ]
check_not "no handler was missed" has_log "quietpatch: a handler on CPU . was missed"
check "rmmod the patch" wait_for 20 rmmod qp_patch_idle
check "rmmod the victim" rmmod qp_victim
unload_core
