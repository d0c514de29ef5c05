#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --consistency strict tells for how long the machine was stopped; with --max-pause it is stopped for no longer, or not at all.
# kernels: 6.1 6.12
# modules: qp_victim
# packed: qp_patch_a
# progs: sleepers
# memory: 1024
# timeout: 240
. /test/lib.sh
B=/bundles/qp_patch_a.klp
strict() { klp-apply load --consistency strict --json "$@" $B; }
down() { check "down" klp-apply revert --consistency strict patch-a; }
version() { sed -n 's/^version //p' /proc/qp_victim; }
# Of the object "pause".
number() { tr -d '\n' < "$OUT" | sed -n "s/.*\"pause\": {[^}]*\"$1\": \([0-9.]*\).*/\1/p"; }
is() { awk "BEGIN { exit !($1) }"; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
check "all at once" klp-apply load --consistency strict $B
show
check_out "for how long the machine was stopped" "at one moment, after [0-9.]+ ms: the machine was stopped for [0-9.]+ ms"
check_eq "the new version runs" "$(version)" 1
down
check "again, as a number" strict
few=$(number ms)
check_eq "one stop" "$(number stops)" 1
check "more than nothing" is "$few > 0.001"
down

sleepers 3000 nopipe > /tmp/ready & s=$!
need "3,000 threads" wait_for 100 grep -q ready /tmp/ready
check "with 3,000 threads" strict
many=$(number ms) dry=$(number dry_ms)
say "stopped for $few ms; with 3,000 threads for $many ms, $dry ms by the dry run"
check "it is longer" is "$many > 2 * $few"
check "the dry run tells about how long" is "$many > $dry / 4 && $many < $dry * 4"
down

check_rc "for a tenth of that: not done" 7 klp-apply load --consistency strict --max-pause "$(awk "BEGIN { print $dry / 10 }")" $B
show
check_out "with figures" "stopped for longer than --max-pause [0-9.]+ ms: a look at all tasks took [0-9.]+ ms at the least, in 5 tries"
check_out "and what else can be done" "--consistency task"
check_eq "the old version runs" "$(version)" 0
check_eq "nothing is left" "$(loaded qp_patch_a && echo loaded)" ""
check_rc "nor was it stopped at all" 7 strict --max-pause 0.01
check_eq "for no time" "$(number stops) $(number ms)" "0 0.0"
check "for ten times that: done" strict --max-pause "$(awk "BEGIN { print $dry * 10 }")"
took=$(number ms) max=$(number max_ms)
check "in that time" is "$took <= $max"
check_eq "the new version runs" "$(version)" 1
check_rc "the way back is held to it, too" 7 klp-apply revert --consistency strict --max-pause 0.01 patch-a
check_eq "so the new version stays" "$(version)" 1
down
check_rc "it needs strict" 64 klp-apply load --max-pause 5 $B
check_rc "and a time" 64 klp-apply load --consistency strict --max-pause soon $B
kill $s
check "rmmod the victim" wait_for 20 rmmod qp_victim
unload_core
