#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: up and down with stragglers that wake at any time; each sees one version from its entry to its return.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims held
# timeout: 240
# full: 1800
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
victims 3 & v=$!
held 4 & h=$!
sleep 0.5
[ -z "$FULL" ] || TIMES=500	# 1,000 switches
check "${TIMES:=40} times up and down" qpdrive leaveloop qp_patch_a $TIMES; show
check "most had stragglers" awk '{ exit !($3 > $1 / 2) }' "$OUT"
say "$(tr '\n' ' ' < /proc/qp_victim)"
check_eq "no mixed versions" "$(sed -n 's/^mismatches //p' /proc/qp_victim)" 0
check "old and new ran" awk '/^calls[01] /{ if ($2 < 20) bad = 1 } END { exit bad }' /proc/qp_victim
kill $v $h; wait $v $h 2>/dev/null
echo stop > /proc/qp_victim
gone() { ! qpdrive stragglers | grep -q .; }
check "the dead are no stragglers" wait_for 10 gone
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
