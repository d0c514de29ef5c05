#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: the second half of a callback waits for the last straggler, that of a target which comes in the meantime, too; and the way back has all of them undone.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_veto qp_shadow_test
# progs: qpdrive
. /test/lib.sh
P=/sys/module/qp_patch_veto/parameters
# ran WHAT ORDER: since the last time, these callbacks ran (V: vmlinux's, S: those of the module that comes).
ran() { check_eq "$1" "$(tr -d "\n" < $P/order)" "$2"; echo > $P/order; }
gone() { [ -z "$(attr patches/qp_patch_veto/stragglers)" ]; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_veto.ko
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.5
check "up" qpdrive start up qp_patch_veto
check "it ends without who sleeps" qpdrive leave; check_out "one" "^1 left"
ran "first halves alone" " V:pre_apply pre_apply"
check "a target comes" insmod /modules/qp_shadow_test.ko
ran "its first half alone" " S:pre_apply"
check "the way back" qpdrive revert qp_patch_veto
ran "all are undone" " V:post_revert post_revert S:post_revert"
check "up" qpdrive start up qp_patch_veto
check "it ends without who sleeps" qpdrive leave; check_out "one" "^1 left"
ran "first halves alone" " V:pre_apply pre_apply S:pre_apply"
check "the target goes" rmmod qp_shadow_test
ran "its first half is undone" " S:post_revert"
check "and comes" insmod /modules/qp_shadow_test.ko
ran "its first half" " S:pre_apply"
echo open > /proc/qp_victim; wait $s
check "the last straggler leaves" wait_for 10 gone
ran "second halves of all" " V:post_apply post_apply S:post_apply"
check "down" qpdrive revert qp_patch_veto
ran "both halves" " V:pre_revert pre_revert S:pre_revert V:post_revert post_revert S:post_revert"
for m in qp_patch_veto qp_shadow_test qp_victim; do check "rmmod $m" wait_for 20 rmmod $m; done
unload_core
