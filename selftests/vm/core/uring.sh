#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I4]: io_uring's workers, which come and go by themselves, never mix versions.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive uring
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
uring > /tmp/uring & u=$!
sleep 1
if ! grep -q ready /tmp/uring; then
	wait $u; [ $? -eq 3 ] && skip "this kernel has no io_uring" || fail "the load runs"
	exit 0
fi
check "there are workers" sh -c "cat /proc/$u/task/*/comm | grep -q iou-wrk"
check "8 times up and down" qpdrive loop qp_patch_a 8
kill $u; wait $u 2>/dev/null
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "old and new ran" awk '/^calls[01] /{ if ($2 < 5) bad = 1 } END { exit bad }' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
