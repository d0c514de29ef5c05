#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hotpath - guest instructions a call of a patched function needs above an
# unpatched one, beside the stock livepatch of the same function in the same guest.
# Exact, and independent of how busy the host is: QEMU counts the instructions.
set -u
. "$(dirname "$0")/lib.sh"
calls=100000
failed=0
# above WHAT: instructions a call, above the unpatched one.
above() {
	local n
	n=$(told "$1")
	if [ -z "$n" ]; then echo -; else calc "($n - $base) / $calls" %.2f; fi
}
for krel in $(kernels 6.1 6.12 7.3); do
	guest hotpath "$krel" 1 "" -icount shift=0,sleep=off || { failed=1; continue; }
	base=$(told unpatched)
	# The control: nothing but calls may be in the count.
	if [ "$(calc "($(told unpatched-again) - $base) / $calls" %.2f)" != 0.00 ]; then
		echo "hotpath: the unpatched call costs $base at the start, $(told unpatched-again) at the end: not exact" >&2
		failed=1
		continue
	fi
	case $krel in 7.*) goal='<=1' ;; *) goal='<=5' ;; esac
	how="QEMU -icount shift=0, one CPU, $calls calls with interrupts off; unpatched: $(calc "$base / $calls" %.2f) with its loop"
	figure "call of a settled function" "$(above settled)" insns "$(above stock)" "stock livepatch" "$goal" "$krel" "$how"
	figure "call through our handler (ops mode)" "$(above ops)" insns "$(above stock)" "stock livepatch" - "$krel" "$how"
	figure "call in a transition, task already NEW" "$(above transition)" insns "$(above stock-transition)" \
		"stock, in transition" "<=150" "$krel" "$how"
done
exit $failed
