#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: a transition ends without who never leaves, either way; other patches go on; what a straggler stands in stays.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_sleeper qp_patch_a qp_patch_b
# progs: qpdrive
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
for m in qp_patch_sleeper qp_patch_a qp_patch_b; do need "load $m" insmod /modules/$m.ko; done
P=patches/qp_patch_sleeper
stands_in() { grep -q "$2" /proc/$1/stack; }
listed() { qpdrive stragglers | grep -Eq "^$1 0 $2 "; }
gone() { ! qpdrive stragglers | grep -q .; }
leave() { qpdrive start $1 qp_patch_sleeper > /dev/null && qpdrive leave; }
other() {
	check "another patch goes in ($1)" qpdrive apply qp_patch_b
	check_eq "and runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 2
	check "and out" qpdrive revert qp_patch_b
}
(echo sleep > /proc/qp_victim) & s1=$!
check "one stands in the old code" wait_for 10 stands_in $s1 qp_sleeper
check "another patch goes in just before" qpdrive apply qp_patch_b
check "the way up" qpdrive start up qp_patch_sleeper
sleep 1
check "the patch goes live without it" qpdrive leave; check_out "the one is left" "^1 left"
settled_beside() { [ "$(attr patches/qp_patch_b/functions/qp_victim,qp_inner/mode)" = direct ]; }
check "the other patch's functions settle nevertheless" wait_for 20 settled_beside
check "it goes out" qpdrive revert qp_patch_b
check_eq "it is applied" "$(attr $P/state)" applied
check "its pid, user and function are told" listed $s1 old
check_eq "to root, in sysfs" "$(attr $P/stragglers | cut -d' ' -f1,2,4,5)" "$s1 0 qp_sleeper [qp_victim]"
check_eq "and to nobody else" "$(stat -c %a $QP_SYS/$P/stragglers $QP_SYS/phase $QP_SYS/epoch | tr '\n' ' ')" "400 400 400 "
(echo sleep > /proc/qp_victim) & s2=$!
check "who comes now runs the new code" wait_for 10 stands_in $s2 new_sleeper
other "beside it"
check_not "one with the same function doesn't" qpdrive start up qp_patch_a
check "and is told why" has_log "patch qp_patch_sleeper still has 1 straggler.*qp_sleeper"
check_not "what is above the straggler's code can't be retired" qpdrive retire qp_patch_sleeper
sleep 1.5
check_eq "the function stays with the handler" "$(attr $P/functions/qp_victim,qp_sleeper/mode)" ops
check_not "the module can't go" rmmod qp_patch_sleeper
check_not "nor the core" rmmod quietpatch
check "back to the base, without who stands in the patch" leave down; check_out "the other one is left" "^1 left"
check_eq "it is leaving" "$(attr $P/state)" leaving
check "who was left by the way up is where all are" listed $s2 new; check_not "and not on the list" listed $s1 old
other "on the way back"
check_not "the module stays for whom it has" rmmod qp_patch_sleeper
check "up again" leave up; check "with the first on the list" listed $s1 old; check_not "not the second" listed $s2 new
check "and back" leave down; check "with the second" listed $s2 new
kill -9 $s2; wait $s2 2>/dev/null
check "its death takes it off, by the core's own doing" wait_for 10 gone
check "and the patch can go" wait_for 20 rmmod qp_patch_sleeper
need "load it again" insmod /modules/qp_patch_sleeper.ko
check "nobody drives, and the core ends it when its time has come" qpdrive start up qp_patch_sleeper 1 500
check "it is applied" wait_for 10 grep -q ^applied $QP_SYS/$P/state
check "with the first" listed $s1 old
echo open > /proc/qp_victim; wait $s1
check "who leaves the old code switches" wait_for 10 gone
settled() { [ "$(attr $P/functions/qp_victim,qp_sleeper/mode)" = direct ]; }
check "and the function settles" wait_for 20 settled
check "the one with the same function may now" qpdrive apply qp_patch_a
check "down again" qpdrive revert qp_patch_a
check "and the first" qpdrive revert qp_patch_sleeper
for m in qp_patch_sleeper qp_patch_a qp_patch_b qp_victim; do check "rmmod $m" wait_for 20 rmmod $m; done
unload_core
