#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# latency - how late a real-time task runs while patches go in and out, in guest instructions: one CPU with -icount shift=0,
# where a microsecond is a thousand instructions, whatever else the host does.
set -u
. "$(dirname "$0")/lib.sh"
failed=0
late() { told "late $1" | sed "s/.* $2 \([0-9]*\).*/\1/"; }
for krel in $(kernels 6.1 6.12); do
	guest latency "$krel" 1 "" -icount shift=0,sleep=off || { failed=1; continue; }
	for what in p999 max; do
		in="a FIFO task each ms for 10 s, $(told "rounds task") loads and reverts (stock $(told "rounds stock")); idle $(late idle $what), again $(late idle-again $what); -icount shift=0, one CPU"
		figure "real-time task late, $what, task by task" "$(late task $what)" kinsn "$(late stock $what)" "stock livepatch" "<=$(late stock $what)" "$krel" "$in"
		figure "real-time task late, $what, strict" "$(late strict $what)" kinsn "$(late stock $what)" "stock livepatch" - "$krel" "the same, $(told "rounds strict") loads and reverts"
	done
done
exit $failed
