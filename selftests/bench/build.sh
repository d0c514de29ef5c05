#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build - what it takes to build the demo's fix with a prepared kernel, and the bundle's size.
set -u
. "$(dirname "$0")/../vm/host.sh"
krel=$(krel_of 6.1)
"$BIN/klp-build" prepare --kernel "$krel" >&2 && make_key || exit 1
work=$(mktemp -d "$VM/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%R %U %S'
runs=()
for i in 1 2 3 4; do
	t=$({ time "$BIN/klp-build" build --kernel "$krel" patches/sockmap-max-entries --key "$KEY" -o "$work/fix.klp" > "$work/out" 2> "$work/err"; } 2>&1) ||
		{ cat "$work/err" >&2; exit 1; }
	# The first run warms the page cache and doesn't count.
	[ $i -eq 1 ] || runs+=("$(echo "$t" | tail -n 1)")
done
median() { printf '%s\n' "${runs[@]}" | awk "{ print $1 }" | sort -n | sed -n 2p; }
how="median of 3 warm runs of klp-build build patches/sockmap-max-entries on $(nproc) CPUs"
printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
	"build of the demo's fix, wall" "$(median '$1')" s - - "<=8" "$krel" "$how" \
	"build of the demo's fix, CPU" "$(median '$2 + $3')" s 4133 "kpatch-build, recorded" "<=8" "$krel" "$how" \
	"bundle of the demo's fix" "$(stat -c %s "$work/fix.klp")" bytes - - "<=16384" "$krel" "size of the signed file"
