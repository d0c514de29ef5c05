#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A handler that ftrace doesn't let go of keeps the core in memory, and goes on leading to the right place.
# kernels: 6.1 6.12
# mutant: stuck
# modules: qp_victim qp_patch_a
# progs: qpdrive
. /test/lib.sh
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
check "up" qpdrive apply qp_patch_a nosettle
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "ftrace doesn't let go" wait_for 20 has_log "quietpatch: cannot disarm qp_inner"
check_not "so the core stays" rmmod quietpatch
check_eq "the original runs" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
echo 1 > /sys/module/quietpatch/parameters/let_go
check "it lets go" wait_for 30 grep -q '^quietpatch [0-9]* 0 ' /proc/modules
echo 0 > /sys/module/quietpatch/parameters/let_go
need "the patch again" insmod /modules/qp_patch_a.ko
check "up again" qpdrive apply qp_patch_a nosettle
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
# Too late to refuse: rmmod waits.
rmmod quietpatch & r=$!
sleep 1
check "rmmod waits" kill -0 $r
echo 1 > /sys/module/quietpatch/parameters/let_go
check "until ftrace lets go" wait $r
check_not "the core is gone" loaded quietpatch
