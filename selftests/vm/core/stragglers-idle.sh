#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: an idle task that was left in what it waits in leaves it, though its CPU has nothing to do and every interrupt finds it there.
# kernels: 6.1
# modules: qp_victim qp_patch_idle
# progs: qpdrive
. /test/lib.sh
P=patches/qp_patch_idle
gone() { [ -z "$(attr $P/stragglers)" ]; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_idle.ko name=arch_cpu_idle addr=0x$(awk '$3 == "arch_cpu_idle" { print $1 }' /proc/kallsyms)
# The core's worker stays off CPU 1: it would be what that CPU has to do.
echo 1 > /sys/devices/virtual/workqueue/cpumask
need "all of us, too" taskset -p 1 $$
T=/sys/kernel/tracing
echo 1 > $T/events/quietpatch/enable
relieved() { sed -n '/quietpatch_done:/,$p' $T/trace | grep -q "quietpatch_switch: comm=swapper/1 pid=0 to=below by=relief"; }
check "up" qpdrive apply qp_patch_idle nosettle
sleep 0.5
echo > $T/trace
check "down, and the core ends it before anybody has looked" qpdrive start down qp_patch_idle 5 1
check "the idle task was left in what it waits in, and switched after the end" wait_for 10 relieved || cat $T/trace
check "nobody is left" wait_for 10 gone || attr $P/stragglers
check "rmmod the patch" wait_for 20 rmmod qp_patch_idle
check "rmmod the victim" rmmod qp_victim
unload_core
