#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I7]: planted cases, each judged right by both observers alone, none falsely clean. The eBPF monitor looks by `check`, without
# a transition; the core by itself, without a monitor.
# kernels: 6.1 6.12
# modules: qp_victim qp_patch_a qp_patch_idle
# packed: qp_patch_a qp_patch_idle
# progs: qpdrive qpfentry
# timeout: 300
. /test/lib.sh
T=/sys/kernel/tracing
B=/bundles/qp_patch_a.klp
LIMIT=/proc/sys/kernel/perf_event_max_stack
# plant NAME COMMAND: a task, asleep.
plant() {
	(echo "$2" > /proc/qp_victim) & eval "$1=$!"
	need "$1 sleeps" wait_for 10 grep -q qp_victim_wait /proc/$!/stack
}
# "PID VERDICT" of each whom the monitor doesn't call clean.
monitor_looks() {
	klp-apply check --for ${1:-1} --json $B > "$OUT" 2>&1
	awk '/"pid":/ { p = $2 } /"verdict":/ { print p $2 }' "$OUT" | tr -d '",' | sed 's/\([0-9]\)\([a-z]\)/\1 \2/' > /tmp/monitor
}
# The same of the core; those it calls clean have switched.
core_looks() {
	need "start" qpdrive start up qp_patch_a
	for _ in 1 2 3 4; do qpdrive observe > /dev/null; usleep 100000; done
	qpdrive blockers > "$OUT"
	sed -n 's/^\([0-9]*\) .* verdict 1 .*/\1 affected/p; s/^\([0-9]*\) .* verdict 2 .*/\1 incomplete/p; s/^\([0-9]*\) .* verdict 3.*/\1 running/p' "$OUT" > /tmp/core
	qpdrive reverse > /dev/null || fail "reverse"
}
# judged WHAT PID MONITOR CORE: "clean" where it isn't in the list.
judged() {
	check_eq "$1, by the monitor" "$(sed -n "s/^$2 //p" /tmp/monitor)" "$(echo $3 | sed s/clean//)"
	check_eq "$1, by the core" "$(sed -n "s/^$2 //p" /tmp/core)" "$(echo $4 | sed s/clean//)"
}
# symbol NAME
symbol() { awk -v s=$1 '$3 == s { print "0x" $1 }' /proc/kallsyms; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko

plant in sleep
plant above wait
plant deep "deep 60"
plant deeper "deep 200"
plant deep_above "shallow 60"
plant deeper_above "shallow 200"
plant hidden hidden
echo kthread > /proc/qp_victim
sleep 0.3
kthread=$(grep -l '^qp_sleeper$' /proc/[0-9]*/comm | cut -d/ -f3)
# What hides or replaces return addresses on the way to qp_sleeper.
echo 'r:qpr qp_victim:qp_victim_wait' > $T/kprobe_events
echo 1 > $T/events/kprobes/enable
plant kret sleep
plant kret_above wait
echo 0 > $T/events/kprobes/enable 2> /dev/null
echo qp_victim_wait > $T/set_ftrace_filter
echo function_graph > $T/current_tracer
plant graph sleep
plant graph_above wait
trampolines=
if [ -e /sys/kernel/btf/vmlinux ]; then
	qpfentry fexit vfs_write /proc/cmdline 200 > /dev/null 2>&1 & trampolines=$!
	sleep 2
	plant bpf sleep
	plant bpf_above wait
fi
monitor_looks; core_looks
judged "asleep in it" $in affected affected
judged "asleep above it" $above clean clean
judged "asleep far below it" $deep affected affected
judged "asleep deeper than a BPF program sees" $deeper incomplete affected
judged "deep, but not below it" $deep_above clean clean
judged "deeper than a BPF program sees, not below it" $deeper_above incomplete clean
judged "below a place that ends the stack" $hidden incomplete incomplete
judged "a kernel thread" $kthread affected affected
judged "its return address is a kretprobe's" $kret affected affected
judged "the same, above" $kret_above clean clean
judged "its return address is function_graph's" $graph affected affected
judged "the same, above" $graph_above clean clean
if [ "$trampolines" ]; then
	judged "below a BPF trampoline" $bpf affected affected
	# The core knows what a BPF trampoline is; the monitor only that the stack goes on.
	judged "the same, above" $bpf_above "$(sed -n "s/^$bpf_above //p" /tmp/monitor | grep incomplete || echo clean)" clean
fi

# Six frames instead of 127: what isn't seen to its end isn't clean.
was=$(cat $LIMIT)
if echo 6 > $LIMIT; then
	monitor_looks
	for p in $in $above $deep $deeper $deep_above $hidden $kthread; do
		check "with a lowered limit $p isn't clean" grep -q "^$p " /tmp/monitor
	done
	check_eq "who sleeps deep, above it, isn't seen to its end" "$(sed -n "s/^$deep_above //p" /tmp/monitor)" incomplete
	echo $was > $LIMIT
else
	skip "perf_event_max_stack is in use"
fi
echo nop > $T/current_tracer
echo > $T/set_ftrace_filter
[ -z "$trampolines" ] || kill $trampolines
echo open > /proc/qp_victim; sleep $SLOW
echo stop > /proc/qp_victim
echo > $T/kprobe_events

# Busy: in it, and out of it.
(echo spin 60000 > /proc/qp_victim) & spin=$!
while :; do :; done & busy=$!
echo hog > /proc/qp_victim
sleep 0.5
hog=$(grep -l '^qp_hog$' /proc/[0-9]*/comm | cut -d/ -f3)
monitor_looks 2
check_out "busy in it, the monitor's ticks find it" '"function": "qp_spinner"'
check_eq "busy out of it, in user mode and in the kernel, by the monitor" "$(grep -E "^($busy|$hog) " /tmp/monitor)" ""
core_looks
check "busy in it, by the core" grep -Eq "^$spin (affected|running)" /tmp/core
check_eq "busy out of it, by the core" "$(grep -E "^($busy|$hog) " /tmp/core)" ""
echo open > /proc/qp_victim
kill $busy; wait $busy $spin 2> /dev/null
echo stop > /proc/qp_victim
check "rmmod the patch" wait_for 20 rmmod qp_patch_a

# .sched.text: the stacks that BPF programs get leave it out, so that the core alone sees who sleeps there.
sleep 1000 & s=$!
check "a task sleeps in .sched.text" wait_for 10 grep -q nanosleep /proc/$s/stack
need "a patch of do_nanosleep" insmod /modules/qp_patch_idle.ko name=do_nanosleep addr=$(symbol do_nanosleep)
check_rc "it holds the switch, though the monitor calls it clean" 7 klp-apply load --timeout 3 /bundles/qp_patch_idle.klp
check_out "and is named" "sleep \($s\): asleep in do_nanosleep"
kill $s
check "rmmod the victim" wait_for 20 rmmod qp_victim
unload_core
