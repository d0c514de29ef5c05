#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The core takes less than 200 KiB, a transition less than 64 bytes for each task, and what comes after it nothing.
# kernels: 6.1 6.12 7.3
# alone: it changes what the kernel traces, and how
# modules: qp_victim qp_patch_a
# progs: qpdrive sleepers
# files: selftests/vm/guest/memory.sh
# memory: 1024
# timeout: 300
. /test/lib.sh
# Each access is instrumented there, and each allocation has room around it.
grep -q ' kasan_report$' /proc/kallsyms && { skip "a kernel with KASAN: sizes mean nothing"; exit 0; }
. /files/selftests/vm/guest/memory.sh
N=3000
old_tasks() { [ "$(attr nr_old)" -eq "$1" ]; }

# transition: an apply that one sleeper holds open; leaves tasks in $tasks, bytes in $during and $after.
transition() {
	(echo sleep > /proc/qp_victim) & s=$!
	sleep 1
	memory_begin
	need "start" qpdrive start up qp_patch_a
	need "a round" qpdrive observe
	need "a round" qpdrive observe
	tasks=$(qpdrive info | sed 's/.* tasks \([0-9]*\).*/\1/')
	during=$(memory_live)
	echo open > /proc/qp_victim
	wait $s
	need "finish" qpdrive finish
	need "revert" qpdrive revert qp_patch_a
	# A site stays armed for two seconds, and its own memory with it.
	sleep 6
	after=$(memory_live)
	memory_end
	echo close > /proc/qp_victim
	say "$tasks tasks: $during bytes in the transition, $after after it"
}

echo 10000 > /proc/sys/kernel/threads-max
load_core
size=$(cat /sys/module/quietpatch/coresize)
check "the core takes $size bytes, less than 200 KiB" [ "$size" -lt 204800 ]
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
memory_init
transition
t0=$tasks d0=$during
check_eq "nothing after it" "$after" 0
sleepers $N > /tmp/ready & pid=$!
wait_for 120 grep -q ready /tmp/ready || die "no $N sleepers"
transition
check_eq "nothing after it" "$after" 0
check "all tasks are listed" [ $((tasks - t0)) -ge $N ]
each=$(((during - d0) / (tasks - t0)))
check "some memory is seen at all: $each bytes a task" [ "$each" -gt 8 ]
check "less than 64" [ "$each" -lt 64 ]
kill $pid
wait $pid 2>/dev/null
for m in qp_patch_a qp_victim; do check "rmmod $m" wait_for 20 rmmod $m; done
unload_core
