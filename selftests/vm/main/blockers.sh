#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Who holds a patch back is told so that one can act on it: unit, source line, whole stack, how long, why,
# what helps; whatever a process calls itself, nothing of it steers the terminal or spoils the JSON.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
# timeout: 180
. /test/lib.sh
load_core
B=/bundles/pipe-read.klp
esc=$(printf '\033')
mkfifo /tmp/fifo
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup 2>/dev/null
mkdir -p "/sys/fs/cgroup/system.slice/web.service"
pipes wait /tmp/fifo "${esc}[2J$(printf '\377')evil" & evil=$!
pipes wait /tmp/fifo & plain=$!
echo $plain > /sys/fs/cgroup/system.slice/web.service/cgroup.procs
for p in $evil $plain; do
	check "$p sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$p/stack
done
klp-apply load --timeout 100 $B > /tmp/load.out 2>&1 & loader=$!
named() { klp-apply blockers > "$OUT" 2>&1; grep -Eq "^ *$plain " "$OUT"; }
check "blockers names them" wait_for 30 named
run klp-apply blockers
show
check_out "how many, and for how long" "^2 tasks still to switch for qp_pipe_read, after [0-9]+\.[0-9] s"
check_out "the function with its source line" "^ *$plain  pipes +asleep in (anon_)?pipe_read \(fs/pipe\.c:[0-9]+\)"
check_out "the unit" "of web\.service"
check_out "the whole stack" "stack: (anon_)?pipe_read < (fifo_pipe_read < )?vfs_read < "
check_out "what helps" "kick safe"
check_out "the hostile name is spelled out" "^ *$evil  \\\\x1b\[2J\\\\xffevil "
check_not_out "and no byte of it gets through" "$esc"
run klp-apply blockers --json
check_out "the same for programs: the name" '"comm": "\\\\x1b\[2J\\\\xffevil"'
check_out "the unit" '"unit": "web.service"'
check_out "the line" '"source": "fs/pipe.c:[0-9]+"'
check_out "the stack" '"vfs_read"'
check_out "both tasks" "\"pid\": $plain"
check_out "both tasks" "\"pid\": $evil"
sleep 3
check "the progress in the log names the unit, too, or the name spelled out" grep -Eq "web.service|x1b" /tmp/load.out
check "and what helps" grep -q "kick safe" /tmp/load.out
check_not "and is clean" grep -q "$esc" /tmp/load.out
echo xx > /tmp/fifo
wait $loader
check_eq "with both gone the switch ends" $? 0
check "revert" klp-apply revert pipe-read
pipes wait /tmp/fifo "${esc}[2J" & evil=$!
check "asleep again" wait_for 10 grep -q pipe_read /proc/$evil/stack
run klp-apply load --timeout 1 $B
show
check_eq "a reversal, too" $RC 7
check_out "names it spelled out" "x1b\[2J \($evil"
check_not_out "and is clean" "$esc"
run klp-apply check --for 0.3 $B
check_out "so does what looks ahead" "x1b\[2J"
check_not_out "and is clean" "$esc"
echo x > /tmp/fifo
wait $evil
unload_core
