#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I5] [I6]: a task that has left the list of processes in its exit, and sleeps in affected code, holds the switch back and is named.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_sleeper qp_late
# progs: qpdrive
. /test/lib.sh
gone() { ! ps | grep -q '[q]p_late'; }
# A new one, that sleeps in the version that runs now.
late() {
	echo close > /proc/qp_victim
	need "a task that ends" insmod /modules/qp_late.ko "$@"
	need "it has left the list of processes" wait_for 10 gone
	sleep 0.2
}
leave() { qpdrive start down qp_patch_sleeper > /dev/null && qpdrive leave; }
loaded_again() { [ "$(attr patches/qp_patch_sleeper/state)" = loaded ]; }
let_go() { echo open > /proc/qp_victim; check "it is dead" rmmod qp_late; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_sleeper.ko
late
check_rc "asleep in the old version: held back, and reversed" 7 qpdrive apply qp_patch_sleeper 300 || exit 1
check_rc "held back in strict mode" 7 qpdrive apply qp_patch_sleeper strict 300
# Before 6.9 RCU-tasks waits for such a task, and a worker that settles for RCU-tasks: flag 4, nosettle.
run qpdrive start up qp_patch_sleeper 5
qpdrive observe; sleep 0.1; qpdrive observe
run qpdrive blockers; show
check_out "it is named, and where it sleeps" "qp_late verdict 1 in qp_sleeper \[qp_victim\]"
let_go
check "then it gets through" qpdrive finish 5000
late
check_rc "asleep in the new version: held back, and turned round" 7 qpdrive revert qp_patch_sleeper 300
check_eq "still applied" "$(attr patches/qp_patch_sleeper/state)" applied
check "the way back ends without it [I12]" leave; check_out "it is the one that is left" "^1 left"
run qpdrive stragglers; check_out "by its name" "new .* qp_late$"
check_not "the patch can't go [I6]" rmmod qp_patch_sleeper
let_go
check "reverted, now that it is dead" wait_for 20 loaded_again
if [ -e /sys/kernel/debug/failslab ] || [ -e /proc/self/fail-nth ]; then
	late lose=1
	check "it isn't known, for want of memory" has_log "no memory to watch"
	check_rc "so that no transition ends" 7 qpdrive apply qp_patch_sleeper 300
	let_go
	check "nor after it has gone is one kept" qpdrive apply qp_patch_sleeper nosettle 5000
	check "reverted" qpdrive revert qp_patch_sleeper
else
	skip "this kernel can't have memory fail"
fi
check "rmmod the patch" wait_for 20 rmmod qp_patch_sleeper
check "rmmod the victim" rmmod qp_victim
unload_core
