#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# transition - how long a switch takes, beside the stock livepatch of the same function in the same guest.
set -u
. "$(dirname "$0")/../vm/host.sh"
krel=$(krel_of 6.1)
_stock() {	# OUT
	cp selftests/bench/livepatch/* "$1" && make -C "$KLP_CACHE/$krel/headers" M="$1" modules
}
script=selftests/vm/guest/bench-transition
work=$(mktemp -d "$VM/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
stock=$VM/cache/$krel/stock-$(digest selftests/bench/livepatch)
"$BIN/klp-build" prepare --kernel "$krel" >&2 && cached "$stock" _stock &&
	base=$(base_image) && overlay "$script" "$krel" "$work/root" || exit 1
cp "$stock/qp_bench_klp.ko" "$work/root/modules/" && pack "$work/root" "$work/over.cpio"
cat "$base" "$work/over.cpio" > "$work/initrd"
log=$VM/bench-transition.log
boot "$krel" "$work/initrd" "$log" 500 1536 2 "qp.nonce=bench"
verdict=$(selftests/vm/verdict -v nonce=bench "$log")
case $verdict in pass*) ;; *) echo "bench: $verdict (console: $log)" >&2; exit 1 ;; esac
# median WHO THREADS
median() {
	sed -n "s/\r$//; s/^bench| $1 $2 //p" "$log" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
for n in 0 1000 10000; do
	case $n in 0) goal='<=10' ;; 1000) goal='<=100' ;; *) goal=- ;; esac
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "transition, $n sleeping threads" "$(median ours $n)" ms \
		"$(median stock $n)" "stock livepatch" "$goal" "$krel" "median of 5 (stock: 3) in one guest under TCG, -smp 2, by the core's clock"
done
