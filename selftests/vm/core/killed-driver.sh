#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I5] [I1]: a driver that dies in mid-transition leaves it open and safe; the next one goes on, or turns it round.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
echo workers > /proc/qp_victim
victims 2 & v=$!
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
qpdrive apply qp_patch_a 60000 & d=$!
sleep 1
kill -9 $d; wait $d 2>/dev/null
check_eq "open" "$(attr phase)" transition
sleep 2	# forks go on meanwhile
check "the oracle is content so far" grep -q '^mismatches 0$' /proc/qp_victim
echo open > /proc/qp_victim; wait $s
check "the next driver goes on" qpdrive finish
check_eq "applied" "$(attr patches/qp_patch_a/state)" applied
qpdrive start down qp_patch_a
check_eq "open again" "$(attr phase)" transition
check "the next driver turns it round" qpdrive reverse
check_eq "applied" "$(attr patches/qp_patch_a/state)" applied
check "reverted" qpdrive revert qp_patch_a
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
