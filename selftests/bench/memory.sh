#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# memory - size of the core in the kernel, what a transition takes for each task, and what is left after it.
set -u
. "$(dirname "$0")/lib.sh"
failed=0
for krel in $(kernels 6.1 6.12); do
	guest memory "$krel" 2 "" || { failed=1; continue; }
	ko=$(core_module "$krel")/quietpatch.ko
	figure "core module: text, data, bss" "$(size "$ko" | awk 'NR == 2 { print $4 }')" bytes - - "<=204800" "$krel" "size quietpatch.ko"
	figure "core module, as the kernel accounts for it" "$(told core)" bytes - - "<=204800" "$krel" \
		"/sys/module/quietpatch/coresize: with symbols and unwind tables, in whole pages"
	t0=$(told "tasks 0") t1=$(told "tasks 10000") d0=$(told "during 0") d1=$(told "during 10000")
	how="kmem trace events of the core's allocations and vmallocinfo: $d0 bytes for $t0 tasks, $d1 for $t1"
	figure "memory a task, in a transition" "$(calc "($d1 - $d0) / ($t1 - $t0)")" bytes - - "<=64" "$krel" "$how"
	figure "memory after the transition and its revert" "$(told "after 10000")" bytes - - "<=0" "$krel" "the same events, all that was freed taken off"
done
exit $failed
