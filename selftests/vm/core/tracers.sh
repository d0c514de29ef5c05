#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Function tracer, function graph, kprobe and kretprobe on patched functions, there before the patch and after, settled or not.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
# timeout: 180
. /test/lib.sh
T=/sys/kernel/tracing
version() { sed -n 's/^version //p' /proc/qp_victim; }
mode() { attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode; }
settled() { [ "$(mode)" = direct ]; }
# seen WHAT: the tracer that is on sees calls of qp_inner.
seen() { echo > $T/trace; cat /proc/qp_victim > /dev/null; usleep 50000; grep -q "$1" $T/trace; }
off() { echo nop > $T/current_tracer; echo 0 > $T/events/kprobes/enable 2> /dev/null; echo > $T/kprobe_events; }
on() {
	case $1 in
	function | function_graph) echo $1 > $T/current_tracer ;;
	kprobe) echo "p:qpp qp_victim:qp_inner" > $T/kprobe_events; echo 1 > $T/events/kprobes/enable ;;
	kretprobe) echo "r:qpr qp_victim:qp_inner ret=\$retval:s32" > $T/kprobe_events; echo 1 > $T/events/kprobes/enable ;;
	esac
}
what() { case $1 in kprobe) echo "qpp:" ;; kretprobe) echo "qpr:.*ret=$2" ;; *) echo qp_inner ;; esac; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
echo qp_inner qp_outer > $T/set_ftrace_filter
victims 1 & v=$!
for t in function function_graph kprobe kretprobe; do
	need "$t on" on $t
	check "$t before: it sees the old one" seen "$(what $t 0)"
	check "$t before: up" qpdrive apply qp_patch_a
	check_eq "$t before: the patch runs" "$(version)" 1
	check "$t before: it still sees calls" seen "$(what $t 1)"
	check "$t before: settles beside it, or stays" wait_for 15 settled
	check_eq "$t before: the patch runs" "$(version)" 1
	check "$t: and sees calls still" seen "$(what $t 1)"
	off
	check_eq "$t has gone: the patch runs" "$(version)" 1
	need "$t on again" on $t
	check_eq "$t after: the patch runs" "$(version)" 1
	check "$t after: it sees calls" seen "$(what $t 1)"
	check "$t after: down" qpdrive revert qp_patch_a
	check_eq "$t after: the original runs" "$(version)" 0
	off
done
kill $v; wait $v 2>/dev/null
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
