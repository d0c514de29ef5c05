#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Should the dry run be wrong (here a core without it), the machine is still stopped for no longer than --max-pause, and nobody
# has switched.
# kernels: 6.1 6.12
# mutant: strict-late
# modules: qp_victim
# packed: qp_patch_a
# progs: sleepers
# memory: 1024
# timeout: 240
. /test/lib.sh
number() { tr -d '\n' < "$OUT" | sed -n "s/.*\"pause\": {[^}]*\"$1\": \([0-9.]*\).*/\1/p"; }
is() { awk "BEGIN { exit !($1) }"; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
sleepers 3000 nopipe > /tmp/ready & s=$!
need "3,000 threads" wait_for 100 grep -q ready /tmp/ready
run klp-apply load --consistency strict --json /bundles/qp_patch_a.klp
full=$(number ms)
check "without a limit" [ "$RC" = 0 ]
check "down" klp-apply revert --consistency strict patch-a
max=$(awk "BEGIN { print $full / 20 }")
check_rc "with one: not done" 7 klp-apply load --consistency strict --max-pause "$max" --json /bundles/qp_patch_a.klp
took=$(number ms) stops=$(number stops)
say "without a limit $full ms; with $max ms: stopped $stops times, for $took ms at the most"
check "it was stopped" is "$stops >= 2"
# Beyond the limit: one task's look, and what the host makes of it.
check "and let go of in time" is "$took < $full / 3"
check_eq "nobody has switched" "$(sed -n 's/^version //p' /proc/qp_victim)" 0
check_eq "nothing is left" "$(loaded qp_patch_a && echo loaded)" ""
kill $s
check "rmmod the victim" wait_for 20 rmmod qp_victim
unload_core
