#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# transition - how long a switch takes, beside the stock livepatch of the same function in the same guest.
set -u
. "$(dirname "$0")/lib.sh"
failed=0
for krel in $(kernels 6.1 6.12); do
	guest transition "$krel" 2 "" || { failed=1; continue; }
	for n in 0 1000 10000; do
		ours=$(told "ours $n" | median) stock=$(told "stock $n" | median) goal=- share='<=10'
		case $n in 1000) goal='<=100' ;; 10000) share='<=25' ;; esac
		in="in one guest under TCG, -smp 2; load of the host $(cut -d' ' -f1 /proc/loadavg)"
		figure "transition, $n sleeping threads" "$(calc "$ours")" ms "$stock" "stock livepatch" "$goal" "$krel" \
			"core's clock, median of 5; stock: insmod to transition=0, median of 3; $in"
		figure "transition, $n threads, share of stock's" "$(calc "100 * $ours / $stock")" % - - "$share" "$krel" "the same"
		figure "klp-apply load as a whole, $n threads" "$(told "command $n" | median)" ms "$stock" "stock livepatch" - "$krel" \
			"verify, BPF load, module load, switch; median of 5; $in"
	done
done
exit $failed
