#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A task asleep in the *new* code holds a revert back; at the timeout the patch
# stays applied, whole, and later it can still go.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
# timeout: 120
. /test/lib.sh
load_core
mkfifo /tmp/fifo
check "apply" klp-apply load /bundles/pipe-read.klp
pipes wait /tmp/fifo & sleeper=$!
asleep() { grep -q pipe_read /proc/$sleeper/stack; }
check "the victim sleeps in the new pipe_read" wait_for 10 asleep
say "$(head -n 1 /proc/$sleeper/stack)"
check_rc "the revert gives up" 7 klp-apply revert --timeout 2 pipe-read
show
check_out "and says who holds it back" "pipes"
check_eq "the patch still works" "$(pipes zero)" EINVAL
run klp-apply list
check_out "and is still applied" "pipe-read.*applied"
echo x > /tmp/fifo
wait $sleeper
check_eq "the sleeper reads on, none the wiser" $? 0
check "now it can go" klp-apply revert pipe-read
check_eq "and has gone" "$(pipes zero)" 0
unload_core
