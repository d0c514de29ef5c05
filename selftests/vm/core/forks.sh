#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I4]: fork storms, threads that exec, vfork and dying tasks while transitions come and go.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims forks
# timeout: 240
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
echo workers > /proc/qp_victim
victims 1 & v=$!
forks & f=$!
sleep 0.3
check "15 times up and down" qpdrive loop qp_patch_a 15
# Held open without a driver: the table is looked after, and children are listed as they come.
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.2
qpdrive start up qp_patch_a
sleep 4
say "$(qpdrive info)"
echo open > /proc/qp_victim; wait $s
check "then it ends" qpdrive finish
check "reverted" qpdrive revert qp_patch_a
kill $v $f; wait $v $f 2>/dev/null
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
