#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I10]: the kernel's own livepatch on the same function is refused, by either of the two that comes second, settled or not.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_stock
# progs: qpdrive
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
mode() { attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode; }
settled() { [ "$(mode)" = direct ]; }
gone() { echo 0 > /sys/kernel/livepatch/qp_stock/enabled; rmmod qp_stock; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load ours" insmod /modules/qp_patch_a.ko

check "ours, with ftrace's handler" qpdrive apply qp_patch_a nosettle
check_not "stock livepatch is refused" insmod /modules/qp_stock.ko
check_eq "ours runs" "$(version)" 1
check "down" qpdrive revert qp_patch_a
check "ours again" qpdrive apply qp_patch_a
check "settled" wait_for 20 settled
check_not "stock livepatch is refused" insmod /modules/qp_stock.ko
check "the log says by whom" has_log "quietpatch: qp_inner.*another live patcher wants it; refused"
check_eq "ours runs" "$(version)" 1
check_eq "still settled" "$(mode)" direct
echo 0 > /sys/kernel/quietpatch/settle
check_not "unsettled: it is refused, too" insmod /modules/qp_stock.ko
echo 1 > /sys/kernel/quietpatch/settle
check "down" qpdrive revert qp_patch_a

check "the site is free a moment later: stock livepatch goes in" wait_for 20 insmod /modules/qp_stock.ko
wait_for 20 grep -q 0 /sys/kernel/livepatch/qp_stock/transition
check_eq "it runs" "$(version)" 9
check_not "ours is refused" qpdrive apply qp_patch_a
check "the log says why" has_log "quietpatch: qp_inner: cannot be redirected: error -16; another live patcher owns it"
check_eq "nothing is left" "$(attr patches/qp_patch_a/state) $(version)" "loaded 9"
check "stock livepatch goes" wait_for 30 gone
check "ours, now" qpdrive apply qp_patch_a
check_eq "it runs" "$(version)" 1
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
