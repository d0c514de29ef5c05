#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2]: a task that was preempted inside an affected function, off its CPU and ready to run, is seen there by both observers.
# kernels: 6.1 6.12
# modules: qp_victim qp_patch_a
# packed: qp_patch_a
# progs: qpdrive
# append: preempt=full
# timeout: 180
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
# Two on one CPU: one of them is always off it, and neither sleeps.
taskset 2 sh -c 'echo spin 100000 > /proc/qp_victim' & a=$!
taskset 2 sh -c 'echo spin 100000 > /proc/qp_victim' & b=$!
sleep 1
check_eq "neither sleeps" "$(grep -l '^State:.R' /proc/$a/status /proc/$b/status | wc -l)" 2
affected=0 missed=0
for i in 1 2 3; do
	klp-apply check --for 0.5 --json /bundles/qp_patch_a.klp > "$OUT" 2>&1
	seen=$(grep -Ec "\"pid\": ($a|$b)," "$OUT")
	running=$(sed -n 's/.*"running": \([0-9]*\).*/\1/p' "$OUT")
	say "the monitor: $seen in affected code, $running on a CPU"
	affected=$((affected + seen))
	[ $((seen + running)) -ge 2 ] || missed=$((missed + 1))
done
check "the monitor sees who was preempted there" [ $affected -ge 1 ]
check_eq "and takes none of them for clean" $missed 0
need "start" qpdrive start up qp_patch_a
for i in 1 2 3 4 5; do qpdrive observe > /dev/null; usleep 200000; done
run qpdrive blockers
show
check_eq "nor does the core" "$(grep -Ec "^($a|$b) .* verdict [13]" "$OUT")" 2
check_out "it sees who was preempted there" "^($a|$b) .* verdict 1 in qp_spinner"
check "turned round" qpdrive reverse
echo open > /proc/qp_victim; wait $a $b
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
