#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: what a patch with stragglers has taken over from comes back when the last one leaves, so that nobody takes over from it before.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_b qp_patch_sleeper qp_patch_cmdline
# progs: qpdrive
. /test/lib.sh
is() { check_eq "$1" "$(sed -n 's/^version //p; s/^lone //p' /proc/qp_victim | tr '\n' ' ')$(cat /proc/cmdline)" "$2"; }
stands_in() { grep -q "$2" /proc/$1/stack; }
gone() { ! qpdrive stragglers | grep -q .; }
line=$(cat /proc/cmdline)
addr=0x$(awk '$3 == "cmdline_proc_show" { print $1 }' /proc/kallsyms)
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load release 1" insmod /modules/qp_patch_b.ko release=1
need "load release 2, of another function" insmod /modules/qp_patch_sleeper.ko release=2
need "load a cumulative patch, of a third" insmod /modules/qp_patch_cmdline.ko addr=$addr replace=1
check "release 1" qpdrive apply qp_patch_b
check "release 2 takes its place" qpdrive apply qp_patch_sleeper
is "what it doesn't change is back" "0 100 $line"
(echo sleep > /proc/qp_victim) & s=$!
check "one stands in release 2" wait_for 10 stands_in $s new_sleeper
check "release 2 goes without it" eval "qpdrive start down qp_patch_sleeper > /dev/null && qpdrive leave"
check_out "the one is left" "^1 left"
is "release 1 runs again" "2 200 $line"
check_not "a cumulative patch shares no function with either, but would have to take over from release 1" qpdrive apply qp_patch_cmdline
check "the log says whom it waits for, and for what" has_log "qp_patch_cmdline: patch qp_patch_sleeper still has 1 straggler.*(qp_patch_b)"
is "nothing has changed" "2 200 $line"
echo open > /proc/qp_victim
wait $s
check "it leaves" wait_for 10 gone
check_eq "release 1 is in force again" "$(attr patches/qp_patch_b/replaced)" 0
check "now the cumulative one may" qpdrive apply qp_patch_cmdline
is "and is all there is" "0 100 patched"
check_eq "release 1 is replaced" "$(attr patches/qp_patch_b/replaced)" 1
check "revert it" qpdrive revert qp_patch_cmdline
is "back to release 1" "2 200 $line"
check "and that" qpdrive revert qp_patch_b
for m in qp_patch_sleeper qp_patch_b qp_patch_cmdline; do check "rmmod $m" wait_for 20 rmmod $m; done
check "rmmod the victim" rmmod qp_victim
unload_core
