#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I6] [I10]: with a kernel thread that RCU-tasks waits for, transitions go up and down all the same; only the module stays.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b
# progs: qpdrive
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
for p in a b; do need "load $p" insmod /modules/qp_patch_$p.ko; done
echo hog > /proc/qp_victim
check "up and down, again and again" timeout 30 qpdrive loop qp_patch_a 5
check "up" timeout 10 qpdrive apply qp_patch_a
sleep 1		# past the time when it would settle
check "another on top" timeout 10 qpdrive apply qp_patch_b
check "down" timeout 10 qpdrive revert qp_patch_b
check "down" timeout 10 qpdrive revert qp_patch_a
if ps | grep -q '[r]cu_tasks_kthre'; then
	check_eq "its module is held" "$(attr patches/qp_patch_a/state)" leaving
	check_not "and can't go" rmmod qp_patch_a
else
	skip "this kernel isn't preemptible: RCU-tasks is RCU, and waits for nobody here"
fi
check "it can be applied meanwhile" timeout 10 qpdrive apply qp_patch_a
check "and reverted" timeout 10 qpdrive revert qp_patch_a
echo stop > /proc/qp_victim
for p in a b; do check "now it goes: $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
