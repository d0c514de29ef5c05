#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A loader killed in mid-transition leaves a system that the next one resumes,
# or, if that can't end in time, takes back.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
# timeout: 180
. /test/lib.sh
load_core
mkfifo /tmp/fifo

# stuck: a loader in mid-transition, held back by a sleeper, then killed.
stuck() {
	pipes wait /tmp/fifo & sleeper=$!
	need "the victim sleeps" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
	klp-apply load --kick never --timeout 100 /bundles/pipe-read.klp > /tmp/load.out 2>&1 & loader=$!
	need "a transition runs" wait_for 20 klp-apply blockers
	need "it names the sleeper" wait_for 20 sh -c "klp-apply blockers | grep -q pipe_read"
	kill -9 $loader
	wait $loader
}

stuck
check "after kill -9 the machine works" sh -c 'echo a | grep -q a'
run klp-apply status
show
check_out "status tells of the open transition" "transition|switching|applying|pending"
# The next loader takes it up; it can end once the sleeper is gone.
klp-apply load --kick never --timeout 60 /bundles/pipe-read.klp > /tmp/load2.out 2>&1 & loader=$!
sleep 2
check "the next loader waits for the same task" kill -0 $loader
echo x > /tmp/fifo
wait $loader
check_eq "and ends the dead one's work" $? 0
sed 's/^/#   /' /tmp/load2.out
check_eq "the new code runs" "$(pipes zero)" EINVAL
check "revert" klp-apply revert pipe-read

stuck
check_rc "the next loader, out of time, takes it back" 7 klp-apply load --kick never --timeout 2 /bundles/pipe-read.klp
show
check_eq "the old code runs" "$(pipes zero)" 0
check_eq "the patch module is gone" "$(loaded qp_pipe_read && echo loaded)" ""
echo x > /tmp/fifo
wait $sleeper

stuck
echo x > /tmp/fifo
check "or revert takes it back" klp-apply revert pipe-read
check_eq "the old code runs again" "$(pipes zero)" 0
check_eq "nothing is left" "$(loaded qp_pipe_read && echo loaded)" ""
unload_core
