#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Callbacks of two objects: in the patch's order, and each half once, whatever comes in between: a refusal, a transition
# that is turned round, a module that goes and comes.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_veto
# progs: qpdrive
. /test/lib.sh
P=/sys/module/qp_patch_veto/parameters
# ran WHAT ORDER: since the last time, these callbacks ran (V: vmlinux's).
ran() { check_eq "$1" "$(tr -d "\n" < $P/order)" "$2"; echo > $P/order; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_veto.ko
check "up" qpdrive apply qp_patch_veto
ran "both, in order" " V:pre_apply pre_apply V:post_apply post_apply"
echo 1 > $P/refuse_revert
for i in 1 2; do
	check_not "the second pre_revert refuses" qpdrive revert qp_patch_veto
	ran "the first is undone, the second didn't happen" " V:pre_revert pre_revert V:post_apply"
done
check "the victim goes nevertheless" rmmod qp_victim
ran "with both halves" " pre_revert post_revert"
check "it comes" insmod /modules/qp_victim.ko
ran "with both halves" " pre_apply post_apply"
echo 0 > $P/refuse_revert
check "the way back starts" qpdrive start down qp_patch_veto
ran "first half" " V:pre_revert pre_revert"
check "the victim goes in mid-transition" rmmod qp_victim
ran "second half" " post_revert"
check "it comes" insmod /modules/qp_victim.ko
ran "first half" " pre_apply"
check "turned round" qpdrive reverse
ran "second half" " V:post_apply post_apply"
check "down" qpdrive revert qp_patch_veto
ran "all of the way back" " V:pre_revert pre_revert V:post_revert post_revert"
echo 1 > $P/refuse_apply
check_not "the second pre_apply refuses" qpdrive apply qp_patch_veto
ran "the first is undone" " V:pre_apply pre_apply V:post_revert"
echo 0 > $P/refuse_apply
check "the way up starts" qpdrive start up qp_patch_veto
check "and is turned round" qpdrive reverse
ran "no second half of the way up, no first half of the way back" " V:pre_apply pre_apply V:post_revert post_revert"
check "rmmod the patch" wait_for 20 rmmod qp_patch_veto
check "rmmod the victim" rmmod qp_victim
unload_core
