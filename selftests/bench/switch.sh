#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# switch - what bounds a switch, and what makes it last longer: beside a bare walk of all stacks, under twelve workers,
# beside stragglers of another patch.
set -u
. "$(dirname "$0")/lib.sh"
failed=0
for krel in $(kernels 6.1 6.12); do
	guest switch "$krel" 2 "" || { failed=1; continue; }
	in="in one guest under TCG, -smp 2; load of the host $(cut -d' ' -f1 /proc/loadavg)"
	for n in 1000 10000; do
		walk=$(told "walk $n" | median) ours=$(told "switch $n" | median) tasks=$(told "tasks $n")
		figure "switch, $n threads, microseconds a task" "$(calc "1000 * $ours / $tasks")" us "$(calc "$walk / $tasks")" \
			"a bare walk of each stack, once" - "$krel" "core's clock, median of 5; walk: median of 3; $in"
	done
	figure "switch under 12 workers in the function, median" "$(told busy | median)" ms - - "<=100" "$krel" "core's clock, 15 switches; $in"
	figure "switch under 12 workers in the function, worst" "$(told busy | sort -n | tail -n 1)" ms - - "<=500" "$krel" "the same"
	figure "switch beside $(told stragglers) stragglers of another patch" "$(told beside | median)" ms "$(told alone | median)" \
		"the same without" - "$krel" "core's clock, median of 5, the same 400 sleeping threads; $in"
done
exit $failed
