#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I10] Moments that are too short to be met by chance, made long: a task enters a patched function while a reversal counts; a clock
# ticks between two looks at it; another live patcher comes while a settled site's handler is being armed.
# kernels: 6.1
# mutant: windows
# modules: qp_victim qp_patch_a qp_ipmodify
# progs: qpdrive held
. /test/lib.sh
T=/sys/kernel/tracing
count() { sed -n "s/^$1 //p" /proc/qp_victim; }
# Who is held is so twice in a call.
two_more_calls() {
	echo pulse > /proc/qp_victim
	[ $(($(count calls0) + $(count calls1))) -ge $((before + 6)) ]
}
next_calls() { before=$(($(count calls0) + $(count calls1))); wait_for 30 two_more_calls; }
settled() { [ "$(attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode)" = direct ]; }
let_go() { [ "$(grep -c 'quietpatch_settle:.*mode=off' $T/trace)" -ge $1 ]; }

load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
echo 1 > $T/events/quietpatch/enable
held 3 & h=$!
sleep $SLOW
check "a transition that they hold back" qpdrive start up qp_patch_a
qpdrive reverse > /tmp/reverse & r=$!
need "the reversal has counted" wait_for 10 has_log "quietpatch: counted"
check "three tasks come by twice meanwhile" next_calls
echo 1 > /sys/module/quietpatch/parameters/go_on
check "the reversal ends" wait $r
check_eq "and the patch is out" "$(attr patches/qp_patch_a/state | sed s/leaving/loaded/)" loaded
next_calls
check_eq "no mixed versions" "$(count mismatches)" 0
check_eq "nobody ran the patch" "$(count calls1)" 0
check "and a transition works as before" qpdrive start up qp_patch_a
next_calls
check "to its end" qpdrive finish
echo > $T/trace
check "down" qpdrive start down qp_patch_a
next_calls
check "to its end" qpdrive finish
# shellcheck disable=SC2046 # numbers
kill -9 $(pidof held); wait $h
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
# Its five sites, so that the worker's clock is read for the one to come alone.
check "its sites are let go of" wait_for 10 let_go 5

need "the patch, of one function" insmod /modules/qp_patch_a.ko narrow=1
echo > $T/trace
check "up" qpdrive apply qp_patch_a
check "settled" wait_for 20 settled
insmod /modules/qp_ipmodify.ko late=1000 2> /dev/null & i=$!
sleep 0.3
check "down" qpdrive revert qp_patch_a
check_not "who came while the handler was being armed was refused" wait $i
check "its site is let go of, whatever the clock does" wait_for 8 let_go 1
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
