#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I10]: settled functions are called directly; back and forth under load no call sees the old code.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b
# progs: qpdrive victims
# timeout: 240
. /test/lib.sh
mode() { attr "patches/qp_patch_$1/functions/qp_victim,$2/mode"; }
settled() { [ "$(mode $1 qp_inner) $(mode $1 qp_outer)" = "direct direct" ]; }
calls() { sed -n "s/^calls$1 //p" /proc/qp_victim; }
version() { sed -n 's/^version //p' /proc/qp_victim; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
for p in a b; do need "load $p" insmod /modules/qp_patch_$p.ko; done
echo workers > /proc/qp_victim
victims 3 & v=$!
check "up, and to stay with the handler" qpdrive apply qp_patch_a nosettle
sleep 1
check_eq "it stays" "$(mode a qp_inner)" ops
check "down" qpdrive revert qp_patch_a
check "up" qpdrive apply qp_patch_a
old=$(calls 0) new=$(calls 1)
check "settles" wait_for 20 settled a
for i in 1 2; do
	echo 0 > /sys/kernel/quietpatch/settle
	check_eq "unsettled on demand" "$(mode a qp_inner) $(mode a qp_outer)" "ops ops"
	echo 1 > /sys/kernel/quietpatch/settle
	wait_for 20 settled a
done
check "settled again" settled a
check_eq "no call saw the old code" "$(calls 0)" "$old"
check "and many were made" [ "$(calls 1)" -gt $((new + 20)) ]
check "another patch on top of settled functions" qpdrive apply qp_patch_b
check_eq "its version" "$(version)" 2
check "settles, too" wait_for 20 settled b
check "its revert" qpdrive revert qp_patch_b
check_eq "back" "$(version)" 1
check "settled again" wait_for 20 settled a
check "up and down from settled, under load" qpdrive loop qp_patch_b 5
check "revert of the first" qpdrive revert qp_patch_a
check_eq "the original" "$(version)" 0
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
for p in a b; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
