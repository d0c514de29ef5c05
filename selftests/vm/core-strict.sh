#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I7] Strict mode: everybody at one moment, after a clean dry walk; under load, and held back by a sleeper.
# kernels: 6.1 6.12
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
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.2
check_rc "a sleeper holds it back" 7 qpdrive apply qp_patch_a strict 300
echo open > /proc/qp_victim; wait $s
check_eq "the old version runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
