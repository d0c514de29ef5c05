#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Callbacks of three objects, one of them busy: what comes and goes while a sleeper holds the transition open has its halves run, the others wait.
# kernels: 6.1 6.12
# modules: qp_victim qp_patch_veto qp_shadow_test
# progs: qpdrive
. /test/lib.sh
P=/sys/module/qp_patch_veto/parameters
# ran WHAT ORDER: since the last time, these callbacks ran (V: vmlinux's, S: those of the module that comes and goes).
ran() { check_eq "$1" "$(tr -d "\n" < $P/order)" "$2"; echo > $P/order; }
held() { qpdrive observe; [ "$(attr phase)" = transition ]; }
come() { check "another target comes" insmod /modules/qp_shadow_test.ko; }
go() { check "it goes" rmmod qp_shadow_test; }
# asleep: a task sleeps in the victim's qp_sleeper().
asleep() { (echo sleep > /proc/qp_victim) & s=$!; sleep 0.5; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_veto.ko
asleep
check "up" qpdrive start up qp_patch_veto
ran "first halves" " V:pre_apply pre_apply"
check "the busy target holds it" held
come
ran "its first half" " S:pre_apply"
check "the busy target holds it" held
ran "no second half yet" ""
check "turned round" qpdrive reverse
ran "all are undone" " V:post_revert post_revert S:post_revert"
check "up" qpdrive start up qp_patch_veto
ran "first halves" " V:pre_apply pre_apply S:pre_apply"
check "the busy target holds it" held
go
ran "it alone is undone" " S:post_revert"
echo open > /proc/qp_victim; wait $s
check "done" qpdrive finish
ran "second halves of those that are there" " V:post_apply post_apply"
echo 1 > $P/hold
asleep
check "the way back starts" qpdrive start down qp_patch_veto
ran "first halves" " V:pre_revert pre_revert"
check "the busy target holds it" held
come
ran "patched while the patch is in force" " S:pre_apply"
echo 0 > $P/hold; wait $s
check "done" qpdrive finish
ran "all are undone" " V:post_revert post_revert S:post_revert"
go
check "rmmod the patch" wait_for 20 rmmod qp_patch_veto
check "rmmod the victim" rmmod qp_victim
unload_core
