#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2]: an eBPF monitor that says "clean" of everybody, whatever it sees, causes no wrong switch: who is planted in affected code
# stays, and no call mixes versions.
# kernels: 6.1
# kernels-full: 6.12
# modules: qp_victim
# packed: qp_patch_a
# progs: victims
# fixtures: lying-monitor
# timeout: 300
. /test/lib.sh
T=/sys/kernel/tracing
B=/bundles/qp_patch_a.klp
version() { sed -n 's/^version //p' /proc/qp_victim; }
lie() { timeout 120 /fixtures/lying-monitor/klp-apply "$@"; }
switched() { grep -q "pid=$1 to=patch" $T/trace; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
echo 1 > $T/events/quietpatch/quietpatch_switch/enable
echo kthread > /proc/qp_victim
planted=
for what in sleep "deep 40" "deep 200" hidden "spin 100000"; do
	(echo "$what" > /proc/qp_victim) & planted="$planted $!"
done
(echo wait > /proc/qp_victim) & clean=$!
sleep $SLOW
run lie load --timeout $((4 * SLOW)) --json $B
rc=$RC
cp "$OUT" /tmp/planted
say "$(tr -d '\n' < "$OUT" | sed -n 's/.*\("monitor": {[^}]*}\).*/\1/p')"
for p in $planted $(grep -l '^qp_sleeper$' /proc/[0-9]*/comm | cut -d/ -f3); do
	check_not "who is planted stays: $p" switched $p
	check "and is named" grep -q "\"pid\": $p," /tmp/planted
done
check "who isn't in affected code has" switched $clean
check_eq "all planted cases at once" $rc 7
echo open > /proc/qp_victim; sleep $SLOW
echo stop > /proc/qp_victim; wait $planted
echo workers > /proc/qp_victim
victims 4 & v=$!
sleep 0.3
for i in 1 2 3 4 5; do
	check "up" lie load $B
	check_eq "the new version runs" "$(version)" 1
	check "down" lie revert patch-a
	check_eq "the old version runs" "$(version)" 0
done
kill $v; wait $v 2> /dev/null
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "old and new ran" awk '/^calls[01] /{ if ($2 < 20) bad = 1 } END { exit bad }' /proc/qp_victim
check "rmmod the victim" rmmod qp_victim
unload_core
