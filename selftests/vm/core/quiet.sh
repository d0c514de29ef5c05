#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# When all goes well the core logs nothing above the level info; the kernel is tainted as by any live patch of
# modules that aren't its own, and not before there is one.
# kernels: 6.1 6.12 7.3
# alone: it looks at what has tainted the kernel
# modules: qp_victim qp_patch_a qp_patch_b qp_patch_sum qp_patch_veto
# progs: qpdrive
. /test/lib.sh
settled() { [ "$(attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode)" = direct ]; }
# loud: what the core says above info (6), and not the module loader in its name; bits above 7 are the facility.
loud() {
	dmesg -r | grep -aE '^<[0-9]+>\[[ 0-9.]+\] (quietpatch|qp_[a-z_]*):' | grep -avE 'taint' |
		awk -F'[<>]' '$2 % 8 < 6'
}
kernel_taint() { echo $(($(cat /proc/sys/kernel/tainted) >> $1 & 1)); }
OOT=12 LIVEPATCH=15 WARN=9 DIE=7 FORCED=1
load_core
need "load one with callbacks" insmod /modules/qp_patch_veto.ko
check_eq "out of tree, but nothing is patched yet" "$(kernel_taint $OOT) $(kernel_taint $LIVEPATCH)" "1 0"
check "up, before its object" qpdrive apply qp_patch_veto
check_eq "tainted by a live patch" "$(kernel_taint $LIVEPATCH)" 1
need "the object comes" insmod /modules/qp_victim.ko
for p in a b sum; do need "load $p" insmod /modules/qp_patch_$p.ko; done
check "up" qpdrive apply qp_patch_a
check "the module is tainted, too" grep -q K /sys/module/qp_patch_a/taint
check_not "and not one that isn't applied" grep -q K /sys/module/qp_patch_b/taint
check "settled" wait_for 20 settled
check "another on top" qpdrive apply qp_patch_b
check "a cumulative one" qpdrive apply qp_patch_sum
check "down" qpdrive revert qp_patch_sum
check "down" qpdrive revert qp_patch_b
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check_rc "held back, and turned round" 7 qpdrive revert qp_patch_a 300
echo open > /proc/qp_victim; wait $s
check "down" qpdrive revert qp_patch_a strict
check "down" qpdrive revert qp_patch_veto
check_eq "nothing was logged above info" "$(loud)" ""
check "though the core does log" has_log "quietpatch: ready"
check_eq "no fault, nothing forced" "$(kernel_taint $WARN) $(kernel_taint $DIE) $(kernel_taint $FORCED)" "0 0 0"
check_eq "what was will be: the taint stays" "$(kernel_taint $LIVEPATCH)" 1
# The check can fail: a refusal is an error.
check "up" qpdrive apply qp_patch_a
check "another on top" qpdrive apply qp_patch_b
check_not "refused" qpdrive revert qp_patch_a
check_eq "that is logged above info" "$(loud | grep -c 'qp_patch_b stands on its')" 1
for p in b a; do check "down" qpdrive revert qp_patch_$p; done
for p in a b sum veto; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
