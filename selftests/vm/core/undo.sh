#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I6]: what runs because an undo led to it is affected code, whosever text it is: nobody is switched in it, and it isn't unloaded under anybody.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_sleeper qp_patch_b qp_patch_sum
# progs: qpdrive
. /test/lib.sh
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the first" insmod /modules/qp_patch_a.ko sleeper=1
need "on it, a patch in release 1" insmod /modules/qp_patch_sleeper.ko release=1
need "its release 2, without the sleeper" insmod /modules/qp_patch_b.ko release=2
need "a cumulative one" insmod /modules/qp_patch_sum.ko
for p in a sleeper b; do check "up: $p" qpdrive apply qp_patch_$p; done
(echo sleep > /proc/qp_victim) & s=$!
check "a task sleeps in the first, where release 2's undo has led it" wait_for 5 grep -q 'new_sleeper.*qp_patch_a' /proc/$s/stack
check "the cumulative one starts" qpdrive start up qp_patch_sum
run qpdrive ranges
check_out "the first one's text is affected" ' qp_patch_a$'
check_rc "the sleeper holds the switch back" 6 qpdrive finish 1500
run qpdrive blockers
check_out "and is named" "^$s sh verdict 1 in new_sleeper \[qp_patch_a\]"
echo open > /proc/qp_victim; wait $s; echo close > /proc/qp_victim
check "then it ends" qpdrive finish
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check_not "another sleeps in the original" grep -q qp_patch /proc/$s/stack
check_rc "which holds the way back" 7 qpdrive revert qp_patch_sum 1000
check "the others are let go of" qpdrive retire qp_patch_sum
for p in a sleeper b; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
echo open > /proc/qp_victim; wait $s
check "down" qpdrive revert qp_patch_sum
check "rmmod" wait_for 20 rmmod qp_patch_sum
check "rmmod the victim" rmmod qp_victim
unload_core
