#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` verifies without changing anything, and lists who uses the functions
# to be replaced; with --no-settle and `settle off` they stay with ftrace's handler.
# kernels: 6.1 7.3
# kernels-full: 6.12
# bundles: pipe-read
# progs: pipes qpfentry
# timeout: 240
. /test/lib.sh
load_core
T=/sys/kernel/tracing
B=/bundles/pipe-read.klp
# What reads a pipe, by the kernel's version.
F=pipe_read
grep -q ' anon_pipe_read$' /proc/kallsyms && F=anon_pipe_read
mode() { attr patches/qp_pipe_read/functions/vmlinux,$F/mode; }
is() { [ "$(mode)" = "$1" ]; }

check_rc "nobody uses it" 0 klp-apply check $B
check_not_out "so nobody is listed" "in use"
check_eq "nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "

need "a probe at the entry" sh -c "echo p:qpentry $F > $T/kprobe_events"
# The first instruction behind ftrace's call; the kernel takes no place inside one.
for at in 5 6 7 8 9 10 11 12; do
	echo "p:qpbody $F+$at" >> $T/kprobe_events 2>/dev/null && break
done
echo 1 > $T/events/kprobes/enable
run klp-apply check $B
show
# Behind the ENDBR where the kernel has one.
check_out "the probe at the entry is listed" "in use by a kprobe: .*$F\+0x[04] "
check_out "the one in the body, too" "in use by a kprobe-inside: .*$F\+0x$(printf %x $at)"
check_out "and that it goes silent" "won't fire"
check_not "to load it over that one is refused" klp-apply load $B
show
check_out "the function is named, and where to look" "$F: its code in memory isn't what.*kprobes/list"
check_eq "nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "
echo 0 > $T/events/kprobes/enable
echo > $T/kprobe_events

echo $F > $T/set_ftrace_filter
echo function > $T/current_tracer
run klp-apply check --json $B
check_out "a tracer is listed" '"kind": "tracer"'
echo nop > $T/current_tracer
echo > $T/set_ftrace_filter
run klp-apply check --json $B
check_out "all have left" '"attached": \[\]'

# A BPF program at the entry, and a tracer beside it: load names both before it does anything, and they go on.
if [ -e /sys/kernel/btf/vmlinux ]; then
	qpfentry fentry $F /dev/null 600 > /tmp/qpfentry 2>&1 & f=$!
	bpf_there() { grep -A1 "^$F " $T/enabled_functions | grep -q bpf_trampoline; }
	wait_for 30 bpf_there || { grep -A1 "^$F " $T/enabled_functions; cat /tmp/qpfentry; }
	need "a BPF program" bpf_there
	run klp-apply check $B
	check_out "a BPF program is listed" "in use by a bpf: $F .*bpf_trampoline"
	check_out "and that it stays" "the program stays attached"
	echo $F > $T/set_ftrace_filter
	echo function > $T/current_tracer
	check "load, with both there" klp-apply load $B
	show
	check_out "load names what is there first" "in use by a bpf: "
	check_out "both of them" "in use by a tracer: "
	check_eq "the patch works" "$(pipes zero)" EINVAL
	check "the program is still attached" bpf_there
	check "revert" klp-apply revert pipe-read
	run klp-apply load --json $B
	check_out "for programs, too" '"kind": "bpf"'
	check "revert" klp-apply revert pipe-read
	echo nop > $T/current_tracer
	echo > $T/set_ftrace_filter
	kill $f
	wait $f
else
	skip "this kernel has no BTF"
fi

check "load --no-settle" klp-apply load --no-settle $B
sleep 3
check_eq "it stays with ftrace's handler" "$(mode)" ops
run klp-apply check $B
check_out "a patch of ours is listed" "in use by a quietpatch"
check "revert" klp-apply revert pipe-read

check "load" klp-apply load $B
check "it settles" wait_for 30 is direct
check "settle off" klp-apply settle off
check_out "and it says so" "^off"
check "back to the handler" wait_for 30 is ops
check_eq "the patch works on" "$(pipes zero)" EINVAL
check "settle on" klp-apply settle on
check "and direct again" wait_for 30 is direct
check_rc "settle maybe" 64 klp-apply settle maybe
check "revert" klp-apply revert pipe-read
unload_core
check_rc "settle without the core" 3 klp-apply settle
