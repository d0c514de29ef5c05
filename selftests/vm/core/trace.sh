#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Trace events tell a transition's story; sysfs tells order, mode and hits.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b
# progs: qpdrive victims
. /test/lib.sh
T=/sys/kernel/tracing
F=functions/qp_victim,qp_inner
settled() { [ "$(attr patches/qp_patch_a/$F/mode)" = direct ]; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
for p in a b; do need "load $p" insmod /modules/qp_patch_$p.ko; done
check_eq "the order of loading" "$(attr patches/qp_patch_a/order) $(attr patches/qp_patch_b/order)" "1 2"
echo 1 > $T/events/quietpatch/enable
victims 1 & v=$!
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
check "start" qpdrive start up qp_patch_a
# Nobody observes yet: the worker comes by the handler first.
sleep 1
qpdrive observe > /dev/null; sleep 1.5
echo open > /proc/qp_victim; wait $s
check "finish" qpdrive finish
kill $v; wait $v 2>/dev/null
run cat $T/trace
check_out "the start" "quietpatch_start: patch=qp_patch_a target=applied epoch=1 tasks=[1-9]"
check_out "who switched, and how" "quietpatch_switch: comm=.* pid=[0-9]+ to=patch by=(walk|ipi)"
check_out "in the handler, too" "quietpatch_switch: comm=victims pid=[0-9]+ to=patch by=(handler|fork)"
check_out "the stall" "quietpatch_stall: epoch=1 comm=sh pid=$s why=affected function=qp_sleeper"
check_out "the end" "quietpatch_done: patch=qp_patch_a now=applied epoch=1 tasks=[1-9][0-9]* took_us=[0-9]+"
say "$(attr patches/qp_patch_a/$F/hits | tr '\n' ' ')"
check "hits are counted" sh -c "grep -q '^new [1-9]' $QP_SYS/patches/qp_patch_a/$F/hits"
check "settled" wait_for 20 settled
check "the trace says so" grep -q "quietpatch_settle: function=qp_inner.* mode=direct error=0" $T/trace
check "another on top" qpdrive apply qp_patch_b
check "the first again" qpdrive revert qp_patch_b
check "the trace says that it was unsettled" grep -q "quietpatch_settle: function=qp_inner.* mode=ops error=0" $T/trace
check "down" qpdrive revert qp_patch_a
check "on top of an order that has changed" qpdrive apply qp_patch_b
check "now the first is the second" qpdrive apply qp_patch_a
check_eq "the order of application" "$(attr patches/qp_patch_a/order) $(attr patches/qp_patch_b/order)" "2 1"
for p in a b; do check "down: $p" qpdrive revert qp_patch_$p; done
echo 0 > $T/events/quietpatch/enable
for p in a b; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
check "rmmod the victim" rmmod qp_victim
unload_core
