#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that goes while the worker has its site in hand: who frees the site is clear, and nobody looks at it afterwards.
# kernels: 6.1 6.12
# mutant: wide
# modules: qp_victim qp_patch_a
# progs: qpdrive
# append: init_on_free=1
. /test/lib.sh
T=/sys/kernel/tracing
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko sleeper=1
echo 1 > $T/events/quietpatch/enable
check "up" qpdrive apply qp_patch_a nosettle
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
# Two seconds later the worker takes the site, and holds it for three.
sleep 3.5
check "the module goes, and waits for the worker" rmmod qp_victim
check "the worker has taken the site off" grep -q 'quietpatch_settle:.*mode=off' $T/trace
check "the victim comes again" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko sleeper=1
check "and is patched" qpdrive apply qp_patch_a nosettle
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
