#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I3]: the loader and its eBPF monitor, and the oracle: under load no call mixes versions; who sleeps in
# affected code is named; both observers have a say. With hand-made patches, so on the debug kernel, too.
# kernels: 6.1 6.12 7.3
# modules: qp_victim
# packed: qp_patch_a
# progs: victims
# timeout: 300
. /test/lib.sh
B=/bundles/qp_patch_a.klp
version() { sed -n 's/^version //p' /proc/qp_victim; }
named() { klp-apply blockers > "$OUT" 2>&1; grep -Eq "(^|[^0-9])$1([^0-9]|$)" "$OUT"; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
echo workers > /proc/qp_victim
victims 4 & v=$!
sleep 0.3
for i in 1 2 3 4 5; do
	check "up" klp-apply load $B
	show
	check_eq "the new version runs" "$(version)" 1
	check "down" klp-apply revert patch-a
	check_eq "the old version runs" "$(version)" 0
done
(echo sleep > /proc/qp_victim) & s=$!
sleep 0.3
klp-apply load --kick never --timeout 400 $B > /tmp/load.out 2>&1 & l=$!
check "the sleeper is named" wait_for 150 named $s
check_out "and where it sleeps" qp_sleeper
check "the loader waits" kill -0 $l
echo open > /proc/qp_victim; wait $s
wait $l
check_eq "then it ends" $? 0
check_eq "the new version runs" "$(version)" 1
kill $v; wait $v 2> /dev/null
check "down" klp-apply revert patch-a
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "old and new ran" awk '/^calls[01] /{ if ($2 < 20) bad = 1 } END { exit bad }' /proc/qp_victim
check "rmmod the victim" rmmod qp_victim
unload_core
