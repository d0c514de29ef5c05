#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control: a patch that describes too little makes tasks switch half-way, and the oracle sees it.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
. /test/lib.sh
counter() { sed -n "s/^$1 //p" /proc/qp_victim; }
mixed() { [ "$(counter mixed)" -gt 0 ]; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch, with qp_inner alone" insmod /modules/qp_patch_a.ko narrow=1
echo workers > /proc/qp_victim
victims 3 & v=$!
sleep 0.3
check_eq "nothing mixed so far" "$(counter mixed)" 0
for i in 1 2 3 4 5 6 7 8 9 10; do
	qpdrive loop qp_patch_a 3 > /dev/null || fail "up and down"
	mixed && break
done
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "calls that saw both versions were found" mixed
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
