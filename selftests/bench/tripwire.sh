#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tripwire - guest instructions that a call of a patched function needs more when what it refuses is counted,
# for those that aren't refused.  Exact, as hotpath.
set -u
. "$(dirname "$0")/lib.sh"
calls=100000
failed=0
for krel in $(kernels 6.1 6.12); do
	guest tripwire "$krel" 1 "" -icount shift=0,sleep=off || { failed=1; continue; }
	base=$(told unpatched) plain=$(told pipe-round) counted=$(told pipe-round-counted)
	# The control: nothing but calls may be in the count.
	if [ "$(told unpatched-again)" != "$base" ]; then
		echo "tripwire: the unpatched call costs $base at the start, $(told unpatched-again) at the end: not exact" >&2
		failed=1
		continue
	fi
	figure "a tripwire that nobody trips" "$(calc "($counted - $plain) / $calls" %.2f)" insns \
		"$(calc "($plain - $base) / $calls" %.2f)" "the fix itself, settled" "<=0" "$krel" \
		"QEMU -icount shift=0, one CPU, $calls calls with interrupts off; unpatched: $(calc "$base / $calls" %.2f) with its loop"
done
exit $failed
