#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A direct call that ftrace doesn't let go of, however often it is tried, keeps the core in memory and its filter, until it can go.
# kernels: 6.1 6.12
# mutant: stuck-direct
# modules: qp_victim qp_patch_sleeper
# progs: qpdrive
. /test/lib.sh
F=patches/qp_patch_sleeper/functions/qp_victim,qp_sleeper/mode
settled() { [ "$(attr $F)" = direct ]; }
tried() { [ "$(dmesg | grep -c 'cannot take the direct call off qp_sleeper')" -ge $1 ]; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_sleeper.ko
check "up" qpdrive apply qp_patch_sleeper
check "settled" wait_for 20 settled
check "down" qpdrive revert qp_patch_sleeper
check "rmmod the patch" wait_for 20 rmmod qp_patch_sleeper
check "ftrace doesn't let go, three times" wait_for 30 tried 3
check_not "so the core stays" rmmod quietpatch
echo open > /proc/qp_victim
check "the original runs" sh -c "echo sleep > /proc/qp_victim"
need "the patch again" insmod /modules/qp_patch_sleeper.ko
check "up again" qpdrive apply qp_patch_sleeper
check "settled again" wait_for 20 settled
check "down" qpdrive revert qp_patch_sleeper
check "rmmod the patch" wait_for 20 rmmod qp_patch_sleeper
echo 1 > /sys/module/quietpatch/parameters/let_go
check "it lets go" wait_for 30 grep -q '^quietpatch [0-9]* 0 ' /proc/modules
check "rmmod the victim" rmmod qp_victim
unload_core
