#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I4] [I5]: idle tasks switch as all others do, on a CPU that idles and on one that never does.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_idle
# progs: qpdrive
. /test/lib.sh
T=/sys/kernel/tracing
entered() { cut -d, -f$1 /sys/module/qp_patch_idle/parameters/entered; }
# grows CPU: its idle task runs the new code now.
grows() { _n=$(entered $1); usleep 300000; [ "$(entered $1)" -gt "$_n" ]; }
switched() { grep -q "quietpatch_switch: comm=swapper/$1 pid=0 to=$2 by=" $T/trace; }
# left PID: it alone holds the transition; who runs when a round looks needs another one.
left() { qpdrive observe > /dev/null; qpdrive blockers > /tmp/left; [ "$(grep -c verdict /tmp/left) $(grep -c "^$1 sh" /tmp/left)" = "1 1" ]; }
settled() { [ "$(attr patches/qp_patch_idle/functions/vmlinux,arch_cpu_idle_enter/mode)" = direct ]; }
symbol() { awk -v s=$1 '$3 == s { print "0x" $1 }' /proc/kallsyms; }
# CPU 1 isn't idle for a moment from before the core comes.
taskset 2 sh -c 'while :; do :; done' & b=$!
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "a patch of what all idle tasks stand in" insmod /modules/qp_patch_idle.ko name=cpu_startup_entry addr=$(symbol cpu_startup_entry)
check_rc "it never ends, and can be turned round though an idle task was never seen" 7 qpdrive apply qp_patch_idle 500
check "rmmod" wait_for 20 rmmod qp_patch_idle
kill $b; wait $b 2> /dev/null
need "load the patch" insmod /modules/qp_patch_idle.ko addr=$(symbol arch_cpu_idle_enter)
echo 1 > $T/events/quietpatch/enable
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check "start, held open by a sleeper" qpdrive start up qp_patch_idle
qpdrive observe > /dev/null
for cpu in 0 1; do check "the idle task of CPU $cpu switches" wait_for 10 switched $cpu patch; done
check "the sleeper alone is left" wait_for 10 left $s || cat /tmp/left
check_eq "in transition" "$(attr phase)" transition
for cpu in 1 2; do check "it runs the new code already" wait_for 10 grows $cpu; done
echo open > /proc/qp_victim; wait $s
check "then it ends" qpdrive finish
check "it settles" wait_for 20 settled
for cpu in 1 2; do check "both run the new code" wait_for 10 grows $cpu; done
echo > $T/trace
# CPU 1 isn't idle any more: its idle task stays where it is.
taskset 2 sh -c 'while :; do :; done' & b=$!
sleep 0.5
check "down" qpdrive revert qp_patch_idle
check "the idle task that can't run has switched" switched 1 below || cat $T/trace $T/per_cpu/cpu?/stats
check "up" qpdrive apply qp_patch_idle
check "and strictly down" qpdrive revert qp_patch_idle strict
kill $b; wait $b 2> /dev/null
sleep 0.3
was=$(cat /sys/module/qp_patch_idle/parameters/entered)
sleep 0.5
check_eq "the original runs on both" "$(cat /sys/module/qp_patch_idle/parameters/entered)" "$was"
check "rmmod the patch" wait_for 20 rmmod qp_patch_idle
check "rmmod the victim" rmmod qp_victim
unload_core
