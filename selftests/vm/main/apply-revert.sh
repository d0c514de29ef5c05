#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# In and out again and again (FULL=1: 50 times) while twelve workers hammer the patched function and others.
# kernels: 6.1 6.12
# bundles: pipe-read
# progs: load pipes
# memory: 768
# timeout: 900
# full: 900
. /test/lib.sh
load_core
# Two CPUs that twelve workers share: on a kernel that is slow by itself a few make as much noise.
workers=12 times=15
[ "${FULL:-0}" != 1 ] || times=50
[ $SLOW = 1 ] || { workers=3 times=10; }
load $workers > /tmp/load.out & pid=$!
i=0 wrong=0
start=$(now_ms)
while [ $i -lt $times ]; do
	i=$((i + 1))
	run klp-apply load /bundles/pipe-read.klp
	[ "$RC" -eq 0 ] || { show; die "load $i gave $RC"; }
	[ "$(pipes zero)" = EINVAL ] || wrong=$((wrong + 1))
	run klp-apply revert pipe-read
	[ "$RC" -eq 0 ] || { show; die "revert $i gave $RC"; }
	[ "$(pipes zero)" = 0 ] || wrong=$((wrong + 1))
	[ $((i % 5)) -ne 0 ] || say "$i times, $(($(now_ms) - start)) ms"
done
ok "$times times applied and reverted, in $(($(now_ms) - start)) ms"
check_eq "answers that didn't fit the state" $wrong 0
check "the workers are still at work" kill $pid
wait $pid
say "$(cat /tmp/load.out)"
check "and got on" [ "$(sed -n 's/.*rounds=\([0-9]*\).*/\1/p' /tmp/load.out)" -ge $((100 / SLOW)) ]
check_eq "no patch is left" "$(loaded qp_pipe_read && echo loaded)" ""
unload_core
