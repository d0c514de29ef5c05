#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# States: a cumulative patch that doesn't know an earlier one's state, or only an older version of it, is refused.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_b qp_patch_sum
# progs: qpdrive
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
sum() { rmmod qp_patch_sum 2>/dev/null; insmod /modules/qp_patch_sum.ko version=$1; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "a patch with a state" insmod /modules/qp_patch_b.ko version=2
check_eq "sysfs has it" "$(attr patches/qp_patch_b/states)" "0x51 2"
check "up" qpdrive apply qp_patch_b
need "a cumulative patch without it" sum 0
check_not "is refused" qpdrive apply qp_patch_sum
check "the log says why" has_log "qp_patch_sum: takes over from patch qp_patch_b, but doesn't know its state 0x51"
need "one with an older version" sum 1
check_not "is refused" qpdrive apply qp_patch_sum
check "the log says why" has_log "qp_patch_sum: has state 0x51 in version 1, but patch qp_patch_b has it in version 2"
check_eq "nothing has changed" "$(version) $(attr patches/qp_patch_b/state)" "2 applied"
need "one with the same version" sum 2
check "goes in" qpdrive apply qp_patch_sum
check_eq "its version" "$(version)" 3
check "and out" qpdrive revert qp_patch_sum
check "rmmod" wait_for 20 rmmod qp_patch_sum
need "one with a newer version" sum 3
check "goes in" qpdrive apply qp_patch_sum
check_eq "its version" "$(version)" 3
check "and out" qpdrive revert qp_patch_sum
check_eq "back" "$(version)" 2
check "down" qpdrive revert qp_patch_b
for p in b sum; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
