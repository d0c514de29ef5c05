#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I1]: patches stand on each other; a cumulative one takes over all, and its revert goes back to what was before.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b qp_patch_sum
# progs: qpdrive victims
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
lone() { sed -n 's/^lone //p' /proc/qp_victim; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
for p in a b sum; do need "load $p" insmod /modules/qp_patch_$p.ko; done
echo workers > /proc/qp_victim
victims 2 & v=$!
check "the first" qpdrive apply qp_patch_a
check "the second on top" qpdrive apply qp_patch_b
check_eq "the second's version" "$(version) $(lone)" "2 200"
check_not "the first can't be reverted" qpdrive revert qp_patch_a
check "the log names what stands on it" has_log "patch qp_patch_b stands on its qp_inner"
check "the cumulative one" qpdrive apply qp_patch_sum
check_eq "its version; the rest is put back" "$(version) $(lone)" "3 100"
check_not "what it took over can't be reverted" qpdrive revert qp_patch_b
check "the log names it" has_log "patch qp_patch_sum has taken over"
check "its revert" qpdrive revert qp_patch_sum
check_eq "back to what was before" "$(version) $(lone)" "2 200"
check "the second's revert" qpdrive revert qp_patch_b
check_eq "back to the first" "$(version) $(lone)" "1 100"
check "up and down on top of it, under load" qpdrive loop qp_patch_b 5
check "and the cumulative one" qpdrive loop qp_patch_sum 5
check "the first's revert" qpdrive revert qp_patch_a
check_eq "the original" "$(version) $(lone)" "0 100"
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
for p in a b sum; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
