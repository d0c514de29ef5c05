#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# units - the builder's memory for fixes of headers that reach one unit, some, and many: it has to stay the same.
set -u
. "$(dirname "$0")/lib.sh"
krel=$(krel_of 6.1)
target_prepared "$krel" || exit 1
work=$(mktemp -d "$VM/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
src=$KLP_CACHE/$krel/src

# fix HEADER FUNCTION TEXT: the difference that TEXT, behind the line that is only "{" of FUNCTION, makes.
fix() {
	mkdir -p "$work/a/$(dirname "$1")" "$work/b/$(dirname "$1")" && cp -L "$src/$1" "$work/a/$1" || return 1
	awk -v head="^static inline .*[ *]$2[(]" -v text="$3" '
		{ print }
		$0 ~ head { inside = 1 }
		inside && $0 == "{" { print "\t" text; inside = 0 }' "$work/a/$1" > "$work/b/$1"
	(cd "$work" && diff -u "a/$1" "b/$1" > "$2.patch")
	[ -s "$work/$2.patch" ]
}

# built NAME: "CHANGED FUNCTIONS BUILDER CHILD" of one build: units whose code changed, MiB.
built() {
	"$BIN/klp-build" build --kernel "$krel" "$work/$1.patch" -o "$work/$1.klp" --json "$work/$1.json" \
		> /dev/null 2> "$work/err" || { cat "$work/err" >&2; return 1; }
	python3 - "$work/$1.json" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
compiled = next(s["detail"] for s in r["stages"] if s["name"] == "compile")
print(compiled.split()[0], len(r["functions"]), "%.1f %.1f" % (
    r["peak_kib"]["builder"] / 1024, r["peak_kib"]["largest_child"] / 1024))
PY
}

: > "$work/runs"
while read -r header function text; do
	fix "$header" "$function" "$text" && built "$function" >> "$work/runs" ||
		{ echo "units: $function of $header can't be built" >&2; exit 1; }
	read -r units functions builder child < <(tail -n 1 "$work/runs")
	figure "builder's memory, changed units: $units" "$builder" MiB "$child" "its largest child" - "$krel" \
		"maximum resident set; $functions functions in the patch, from a line in $function()"
done <<-'FIXES'
	include/linux/skbuff.h skb_header_unclone if (!skb) return -22;
	include/linux/skbuff.h skb_cow_head if (headroom > 65535) return -12;
	include/net/sock.h sock_put if (!sk) return;
	include/net/netlink.h nla_put_u32 if (!skb) return -22;
FIXES
read -r few _ least _ < <(sort -n "$work/runs" | head -n 1)
read -r many _ most _ < <(sort -n "$work/runs" | tail -n 1)
[ "$many" -ge 100 ] && [ "$few" -lt 10 ] || { echo "units: from $few to $many units tells nothing" >&2; exit 1; }
figure "builder's memory, $many units to $few" "$(calc "$most / $least" %.2f)" times - - "<=1.25" "$krel" \
	"$most MiB, $least MiB"
