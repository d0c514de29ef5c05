#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I7]: a stack that ends without an error, but at no known root, holds the switch back: what it hides is affected code.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
(echo hidden > /proc/qp_victim) & s=$!
sleep 0.3
check "start" qpdrive start up qp_patch_a
for i in 1 2 3 4; do qpdrive observe > /dev/null; sleep 0.1; done
check_eq "it is held back" "$(attr phase)" transition
run qpdrive blockers
check_out "by the task whose stack is cut, for that reason" "^$s sh verdict 2 in qp_victim_blind"
check_eq "and by nothing else" "$(grep -c verdict $OUT)" 1
check_rc "a revert of what hasn't come to pass" 0 qpdrive reverse 500
check_rc "strict mode is held back, too" 7 qpdrive apply qp_patch_a strict 300
echo open > /proc/qp_victim; wait $s
check "then it goes up" qpdrive apply qp_patch_a
check "and down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
