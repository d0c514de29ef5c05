#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A patch for a module that comes, goes, and comes again; callbacks run, and may refuse.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_veto
# progs: qpdrive
. /test/lib.sh
lone() { sed -n 's/^lone //p' /proc/qp_victim; }
count() { cat /sys/module/qp_patch_veto/parameters/nr_$1; }
knob() { echo "$2" > /sys/module/qp_patch_veto/parameters/refuse_$1; }
load_core
need "the patch, before its victim" insmod /modules/qp_patch_veto.ko
check "applied without its object" qpdrive apply qp_patch_veto
check_eq "no callback for what isn't there" "$(count pre_apply)" 0
check "the victim comes" insmod /modules/qp_victim.ko
check_eq "patched from its first instruction" "$(lone)" 300
check_eq "pre-apply ran" "$(count pre_apply)" 1
check_eq "post-apply ran" "$(count post_apply)" 1
check "the victim goes" rmmod qp_victim
check_eq "post-revert ran" "$(count post_revert)" 1
knob apply 1
check_not "a victim that can't be patched isn't let in" insmod /modules/qp_victim.ko
check "and the log says so" has_log "module qp_victim isn't let in"
knob apply 0
check "it comes again" insmod /modules/qp_victim.ko
check_eq "patched" "$(lone)" 300
knob revert 1
check_not "pre-revert refuses" qpdrive revert qp_patch_veto
check_eq "still applied" "$(attr patches/qp_patch_veto/state)" applied
knob revert 0
check "reverted" qpdrive revert qp_patch_veto
check_eq "the original" "$(lone)" 100
knob apply 1
check_not "pre-apply refuses" qpdrive apply qp_patch_veto
check_eq "the original" "$(lone)" 100
knob apply 0
qpdrive start up qp_patch_veto
check "the victim goes in mid-transition" rmmod qp_victim
check "and comes in mid-transition" insmod /modules/qp_victim.ko
check "finish" qpdrive finish
check_eq "patched" "$(lone)" 300
check "reverted" qpdrive revert qp_patch_veto
check "rmmod the patch" wait_for 20 rmmod qp_patch_veto
check "rmmod the victim" rmmod qp_victim
unload_core
