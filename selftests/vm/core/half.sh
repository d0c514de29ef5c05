#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that fails to take its patch, or fails by itself once it has it, isn't left half-patched: it isn't there at all.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_bad qp_patch_veto
# progs: qpdrive
. /test/lib.sh
T=/sys/kernel/tracing
lone() { sed -n 's/^lone //p' /proc/qp_victim; }
# nothing WHAT: the victim isn't loaded, and ftrace calls nobody for it.
nothing() {
	check_eq "$1: the victim isn't there" "$(loaded qp_victim && echo there) $(ls /proc/qp_victim 2> /dev/null)" " "
	check_eq "$1: and none of its functions is redirected" "$(grep -c qp_victim $T/enabled_functions)" 0
}
load_core
need "a patch that fits one of the victim's functions and not the other" insmod /modules/qp_patch_bad.ko mode=half
check "applied, without the victim" qpdrive apply qp_patch_bad
check_not "the victim isn't let in" insmod /modules/qp_victim.ko
check "the log says why" has_log "quietpatch: qp_outer: its code in memory isn't what"
check "and by whom" has_log "quietpatch: module qp_victim isn't let in: patch qp_patch_bad for it can't be applied"
nothing "refused"
check_eq "the patch stays applied, and its object away" "$(attr patches/qp_patch_bad/state) $(attr patches/qp_patch_bad/functions/qp_victim,qp_inner/object)" "applied absent"

check "down" qpdrive revert qp_patch_bad
need "another patch, that fits" insmod /modules/qp_patch_veto.ko
check "applied" qpdrive apply qp_patch_veto
check "the other on top of it" qpdrive apply qp_patch_bad
check_not "the victim isn't let in: what the first has redirected is taken back" insmod /modules/qp_victim.ko
nothing "refused again"
check "that goes" qpdrive revert qp_patch_bad
check "rmmod" wait_for 20 rmmod qp_patch_bad

check_not "a victim whose own start fails" insmod /modules/qp_victim.ko fail=1
nothing "failed by itself"
check "it comes" insmod /modules/qp_victim.ko
check_eq "patched" "$(lone)" 300
check "down" qpdrive revert qp_patch_veto
check_eq "the original" "$(lone)" 100
check "rmmod the patch" wait_for 20 rmmod qp_patch_veto
check "rmmod the victim" rmmod qp_victim
unload_core
