#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I7]: a task that sleeps below a BPF trampoline switches, because that is known to be one; core-trampoline-mutant shows it.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive qpfentry
. /test/lib.sh
T=/sys/kernel/tracing
load_core
[ -e /sys/kernel/btf/vmlinux ] || { skip "this kernel has no BTF"; exit 0; }
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
qpfentry fexit vfs_write /proc/cmdline 60 > /dev/null 2>&1 & f=$!
sleep 2
(echo wait > /proc/qp_victim) & s=$!
check "a task sleeps below the trampoline" wait_for 5 grep -q bpf_trampoline /proc/$s/stack
(echo sleep > /proc/qp_victim) & a=$!
sleep 0.3
echo 1 > $T/events/quietpatch/quietpatch_switch/enable
check "start" qpdrive start up qp_patch_a
for i in 1 2 3; do qpdrive observe > /dev/null; done
check "the task below it switches" grep -q "comm=sh pid=$s to=patch by=walk" $T/trace
check_not "the one in affected code, below it too, doesn't" grep -q "pid=$a to=patch" $T/trace
echo open > /proc/qp_victim; wait $s $a
check "done" qpdrive finish
check "down" qpdrive revert qp_patch_a
kill $f; wait $f 2> /dev/null
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
