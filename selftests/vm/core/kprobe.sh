#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A kprobe with a post_handler at a function's entry owns its address: no patch goes in, until it has gone. One without is no obstacle.
# kernels: 6.1 6.12
# modules: qp_victim qp_patch_a qp_kprobe
# progs: qpdrive
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
hits() { cat /sys/module/qp_kprobe/parameters/hits; }
# seen VERSION: the probe sees the calls, and this version answers them.
seen() { _n=$(hits); [ "$(version)" = $1 ] && [ "$(hits)" -gt "$_n" ]; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
need "a kprobe with a post_handler" insmod /modules/qp_kprobe.ko post=1
check_not "the patch is refused" qpdrive apply qp_patch_a
check "the log says why" has_log "quietpatch: qp_inner: cannot be redirected: error -16; another live patcher"
check_eq "nothing is left of it" "$(attr patches/qp_patch_a/state)" loaded
check "the original runs, and the probe sees it" seen 0
check "the probe goes" rmmod qp_kprobe
check "up" qpdrive apply qp_patch_a
need "a kprobe without, at the patched function" insmod /modules/qp_kprobe.ko
check "the patch runs, and the probe sees it" seen 1
check "down" qpdrive revert qp_patch_a
check "the original runs, and the probe sees it" seen 0
check "up again" qpdrive apply qp_patch_a
check "the patch runs, and the probe sees it" seen 1
check "down" qpdrive revert qp_patch_a
check "the probe goes" rmmod qp_kprobe
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
