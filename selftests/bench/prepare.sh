#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# prepare - what it takes to make a kernel ready to be patched, from nothing: an empty cache. Downloads 200 MB of packages.
set -u
. "$(dirname "$0")/lib.sh"
krel=$(krel_of 6.1)
cache=$(mktemp -d "$VM/prepare.XXXXXX") || exit 1
trap 'rm -rf "$cache"' EXIT
load=$(cut -d' ' -f1 /proc/loadavg)
TIMEFORMAT='%R %U %S'
t=$({ time KLP_CACHE=$cache "$BIN/klp-build" prepare --kernel "$krel" > "$cache/log" 2>&1; } 2>&1) ||
	{ tail -n 5 "$cache/log" >&2; exit 1; }
read -r real user sys <<< "$t"
how="klp-build prepare into an empty cache, downloads and unpacking included; wall time $real s; load of the host $load"
figure "prepare a kernel, CPU" "$(calc "$user + $sys")" s - - "<=90" "$krel" "$how"
figure "cache of a prepared kernel" "$(du -sm "$cache/$krel" | cut -f1)" MiB - - "<=2560" "$krel" "du of the prepared target"
