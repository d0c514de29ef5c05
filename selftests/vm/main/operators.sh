#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What docs/operators.md shows, in its order; each remedy does what is said there. The outputs in it are this test's.
# kernels: 6.1 6.12
# bundles: pipe-read
# progs: pipes sleepers
# memory: 768
# timeout: 240
. /test/lib.sh
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup 2> /dev/null
mkdir -p /sys/fs/cgroup/system.slice/web.service
mkfifo /tmp/fifo
# A service that reads from a pipe into which nobody writes.
web() {
	pipes wait /tmp/fifo > /tmp/web 2>&1 & web=$!
	echo $web > /sys/fs/cgroup/system.slice/web.service/cgroup.procs
	need "it sleeps in pipe_read" wait_for 20 grep -q pipe_read /proc/$web/stack
}
fed() { echo x > /tmp/fifo; wait $web; }
# sh_ COMMAND...: as at a prompt.
at() { say "\$ $*"; run "$@"; show; }
named() { klp-apply blockers > "$OUT" 2>&1 && grep -q "^ *$web " "$OUT"; }
cd /bundles
load_core
sleepers 300 nopipe > /dev/null & others=$!
web
at klp-apply load --timeout 5 pipe-read.klp
check_eq "it is put back" $RC 7
check_out "who, of what, why" "pipes \($web, web\.service\): asleep in (anon_)?pipe_read \(fs/pipe\.c:[0-9]+\)"
klp-apply load --timeout 100 pipe-read.klp > /tmp/load.out 2>&1 & l=$!
check "a second terminal" wait_for 60 named
sleep 2
at klp-apply blockers
check_out "its stack" "stack: .*pipe_read < vfs_read"
at klp-apply status
check_out "how many are left" "old|switch"
kill -INT $l; wait $l
check_eq "interrupted, it is put back" $? 7
sed 's/^/#   /' /tmp/load.out
at klp-apply check pipe-read.klp
check_out "known before" "it would wait for 1 of them"
at klp-apply load --kick safe --after 2s --timeline /tmp/t.svg pipe-read.klp
check_eq "a kick: done" $RC 0
check "the service sleeps on, in the new code" wait_for 20 grep -q pipe_read /proc/$web/stack
check_eq "and hasn't noticed" "$(cat /tmp/web)" ""
fed
say "=== timeline"; cat /tmp/t.svg
check "revert" klp-apply revert pipe-read
web
at klp-apply load --stragglers leave --timeout 3 pipe-read.klp
check_eq "left behind: done" $RC 0
check_eq "everybody else runs the new code" "$(pipes zero)" EINVAL
at klp-apply status
check_out "it is named" "straggler.* \($web\)"
fed
gone() { klp-apply status > "$OUT"; ! grep -q straggler "$OUT"; }
check "once it has left, it is one of all" wait_for 20 gone
check "revert" klp-apply revert pipe-read
at klp-apply load --consistency strict --max-pause 0.05 pipe-read.klp
check_eq "not for so short a pause" $RC 7
at klp-apply load --consistency strict --max-pause 5000 pipe-read.klp
check_eq "all at one moment" $RC 0
check_out "with its pause" "the machine was stopped for [0-9.]+ ms"
at klp-apply revert pipe-read
check_eq "done" $RC 0
kill $others
unload_core
