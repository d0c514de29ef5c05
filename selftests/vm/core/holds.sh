#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2]: a task asleep or busy in an affected function holds the switch back and is named; timeout reverses.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive qpstall
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
# Busy, not asleep.
(echo spin 60000 > /proc/qp_victim) & s=$!
sleep 0.3
run qpdrive start up qp_patch_a
for i in 1 2 3; do qpdrive observe; done
run qpdrive blockers; show
check_out "a busy task holds it back, and is named" "^$s sh verdict [13]"
kill -9 $s; echo open > /proc/qp_victim; wait $s
check "then it gets through" qpdrive finish 5000
check "reverted" qpdrive revert qp_patch_a
echo close > /proc/qp_victim
echo kthread > /proc/qp_victim
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check_rc "held back, so it is reversed" 7 qpdrive apply qp_patch_a 300
check_eq "left as it was" "$(attr patches/qp_patch_a/state | sed s/leaving/loaded/)" loaded
check_eq "the old version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
run qpdrive start up qp_patch_a
qpdrive observe; sleep 0.1; qpdrive observe
run qpdrive blockers
check_out "the kernel thread is named, and where it sleeps" "qp_sleeper verdict 1 in qp_sleeper \[qp_victim\]"
check_out "the process is named" "^[0-9]+ sh verdict 1 in qp_sleeper"
run qpdrive info; check_out "in transition" "phase 1"
check_not "the patch can't go" rmmod qp_patch_a
check_not "the victim can't go" rmmod qp_victim
check_not "the core can't go" rmmod quietpatch
run qpdrive ranges; check_out "affected code is listed" "qp_sleeper"
check "malformed verdicts and kicks are refused" qpdrive abi-open; show
run qpstall
case $RC in
77) skip "this kernel has no userfaultfd" ;;
*) show; check_eq "memory that a caller doesn't provide keeps nobody else waiting" "$RC" 0 ;;
esac
check_not "one transition at a time [I1]" qpdrive start down qp_patch_a
echo open > /proc/qp_victim
wait $s
check "then it gets through" qpdrive finish 5000
check_eq "applied" "$(attr patches/qp_patch_a/state)" applied
check_eq "the new version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 1
echo close > /proc/qp_victim
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.2
check_rc "a revert is held back by a task in the patch, and turned round" 7 qpdrive revert qp_patch_a 300
check_eq "still applied" "$(attr patches/qp_patch_a/state)" applied
check_not "the patch can't go while it is applied [I6]" rmmod qp_patch_a
echo open > /proc/qp_victim; wait $s
check "reverted" qpdrive revert qp_patch_a
echo stop > /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
