#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A task asleep inside the affected function holds the switch back and is named
# with the function; when it has left, the switch ends by itself.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
# timeout: 120
. /test/lib.sh
load_core
mkfifo /tmp/fifo
pipes wait /tmp/fifo & sleeper=$!
check "the victim sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
klp-apply load --kick never --timeout 60 /bundles/pipe-read.klp > /tmp/load.out 2>&1 & loader=$!
named() { klp-apply blockers > "$OUT" 2>&1; grep -Eq "(^|[^0-9])$sleeper([^0-9]|$)" "$OUT"; }
check "blockers names the sleeper" wait_for 20 named
run klp-apply blockers
show
check_out "and the function" "pipe_read"
check_out "and its command" "pipes"
run klp-apply status
check_out "status tells of the transition" "transition|switching|applying|pending"
sleep 3
check "the loader still waits" kill -0 $loader
echo x > /tmp/fifo
wait $loader
check_eq "with the sleeper gone the switch ends well" $? 0
sed 's/^/#   /' /tmp/load.out
check_eq "and the new code runs" "$(pipes zero)" EINVAL
check "revert" klp-apply revert pipe-read
check_eq "and the old one" "$(pipes zero)" 0
