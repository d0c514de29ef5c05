#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I3]: 50 times up and down under load; patched A calls patched B twice, and never mixes versions.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
# timeout: 240
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
echo workers > /proc/qp_victim
victims 6 &
sleep 0.3
check "${TIMES:=50} times up and down" qpdrive loop qp_patch_a $TIMES
say "$(qpdrive info)"
kill %1 2>/dev/null; wait
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check_eq "no mixed versions" "$(sed -n 's/^mismatches //p' /proc/qp_victim)" 0
check "old and new ran" awk '/^calls[01] /{ if ($2 < 50) bad = 1 } END { exit bad }' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
check "rmmod the core" wait_for 10 rmmod quietpatch
