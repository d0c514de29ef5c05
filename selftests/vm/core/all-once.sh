#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each way through the core once, in one boot: meant for the debug kernel, whose checkers watch.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b qp_patch_sum qp_patch_bad qp_patch_veto
# progs: qpdrive victims forks
# timeout: 580
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
for p in a b sum veto; do need "load $p" insmod /modules/qp_patch_$p.ko; done
check_not "refused" insmod /modules/qp_patch_bad.ko
check "malformed calls" qpdrive abi
echo workers > /proc/qp_victim
victims 1 & v=$!
forks & f=$!
check "up and down" qpdrive loop qp_patch_a 2
check "up" qpdrive apply qp_patch_a
check "stacked" qpdrive apply qp_patch_b
check "replaced" qpdrive apply qp_patch_sum
check_eq "its version" "$(version)" 3
sleep 3
say "mode: $(attr patches/qp_patch_sum/functions/qp_victim,qp_inner/mode)"
check "and back" qpdrive revert qp_patch_sum
check "down" qpdrive revert qp_patch_b
(echo sleep > /proc/qp_victim) & s=$!
sleep 1
check_rc "held back, turned round" 7 qpdrive revert qp_patch_a 1000
run qpdrive start down qp_patch_a
run qpdrive observe
run qpdrive blockers
check_out "named" "qp_patch_a|new_sleeper"
run qpdrive ranges
echo open > /proc/qp_victim; wait $s
check "then down" qpdrive finish 30000
kill $v $f; wait $v $f 2>/dev/null
echo stop > /proc/qp_victim
check "strict" qpdrive apply qp_patch_veto strict
check "and down" qpdrive revert qp_patch_veto strict
check "for a module that comes" qpdrive apply qp_patch_veto
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
for p in a b sum; do check "rmmod $p" wait_for 60 rmmod qp_patch_$p; done
check "the victim goes" rmmod qp_victim
check "and comes" insmod /modules/qp_victim.ko
check "down" qpdrive revert qp_patch_veto
check "rmmod" wait_for 60 rmmod qp_patch_veto
check "rmmod the victim" rmmod qp_victim
unload_core
