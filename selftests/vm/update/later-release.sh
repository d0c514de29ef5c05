#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A later release of a patch takes the earlier one's place, and at no moment is neither in force; an
# earlier one never comes back; if the later one can't go in, the earlier one stays.
# kernels: 6.1 6.12
# bundles: pipe-read pipe-read-v2
# progs: pipes
# timeout: 240
. /test/lib.sh
load_core
mkdir -p /srv/patches
mkfifo /tmp/fifo
update() { klp-update update --set watch=0 --set timeout=2 --set stragglers=reverse; }
cp /bundles/pipe-read.klp /srv/patches/
check_rc "release 1" 0 update
check_eq "it runs" "$(pipes zero)" EINVAL

# From here on somebody asks all the time, in ever new processes.
(while [ ! -e /tmp/stop ]; do pipes zero; done) > /tmp/answers & asker=$!
cp /bundles/pipe-read-v2.klp /srv/patches/
# A task asleep in release 1 holds its revert back: nothing changes this time.
pipes wait /tmp/fifo & sleeper=$!
need "a task sleeps in release 1" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
check_rc "held back by a sleeper: rolled back" 7 update
show
check_eq "release 1 still runs" "$(pipes zero)" EINVAL
echo x > /tmp/fifo
wait $sleeper
check_rc "it pauses before it is tried again" 7 update
check "unless told to go on" klp-update retry pipe-read
check_rc "the next run replaces it" 0 update
show
check_eq "release 2 runs" "$(pipes zero)" "Bad file descriptor"
touch /tmp/stop
wait $asker
say "answers: $(sort /tmp/answers | uniq -c | tr '\n' ' ')"
check "release 1 was asked, and release 2" sh -c 'grep -q EINVAL /tmp/answers && grep -q descriptor /tmp/answers'
check_eq "the unpatched code was never seen" "$(grep -c '^0$' /tmp/answers)" 0
check_eq "release 1's module has gone" "$(grep -c '^qp_pipe_read ' /proc/modules)" 0
check_eq "one patch is loaded" "$(klp-apply list | grep -c pipe-read)" 1
run klp-apply status
check_out "klp-apply knows the release" "pipe-read release 2: applied"
run klp-update status
show
check_out "status shows release 2" "^patch +pipe-read 2: applied"
check_not_out "and no longer release 1" "^patch +pipe-read 1"

rm /srv/patches/pipe-read-v2.klp
check_rc "release 1 alone in the folder: releases never go back" 4 update
check_out "and it says so" "releases never go back"
check_eq "release 2 runs on" "$(pipes zero)" "Bad file descriptor"
