#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] Strict mode: everybody at one moment, after a clean dry walk; under load, and held back by a sleeper.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
check "idle: up" qpdrive apply qp_patch_a strict
check_eq "the new version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 1
check "idle: down" qpdrive revert qp_patch_a strict
check_eq "the old version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
# One process at a time in the function, for most of the time: each try needs a moment without.
victims 0 & v=$!
n=0
for i in 1 2 3; do
	qpdrive apply qp_patch_a strict 5000 > /dev/null && n=$((n + 1))
	qpdrive revert qp_patch_a strict 5000 > /dev/null && n=$((n + 1))
done
say "under a light load: $n of 6"
check "it gets through a light load" [ $n -gt 0 ]
# Somebody in it always: it is given up, and nothing is mixed.
echo workers > /proc/qp_victim
[ "$(attr patches/qp_patch_a/state)" = applied ] || qpdrive apply qp_patch_a strict 1500 > /dev/null
qpdrive revert qp_patch_a strict 1500 > /dev/null
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
[ "$(attr patches/qp_patch_a/state)" = applied ] && qpdrive revert qp_patch_a strict
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions under load" grep -q '^mismatches 0$' /proc/qp_victim
check "the load ran" awk '/^calls0 / { if ($2 < 50) exit 1 }' /proc/qp_victim
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.2
check_rc "a sleeper holds it back" 7 qpdrive apply qp_patch_a strict 300
echo open > /proc/qp_victim; wait $s
check_eq "the old version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
