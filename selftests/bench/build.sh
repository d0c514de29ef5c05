#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# build - what it takes to build live patches for a prepared kernel: the demo's fix, and all of patches/.
set -u
. "$(dirname "$0")/lib.sh"
krel=$(krel_of 6.1)
target_prepared "$krel" && make_key || exit 1
work=$(mktemp -d "$VM/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# timed FIX: builds it once; prints "WALL CPU MAXRSS BYTES FUNCTIONS", seconds and KiB.
timed() {
	python3 - "$BIN/klp-build" build --kernel "$krel" "$1" --key "$KEY" -o "$work/fix.klp" --json "$work/report" <<'PY'
import json, os, resource, subprocess, sys, time
report = sys.argv[-1]
start = time.monotonic()
p = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
wall = time.monotonic() - start
r = resource.getrusage(resource.RUSAGE_CHILDREN)
if p.returncode:
    sys.stderr.write(p.stderr)
    sys.exit(p.returncode)
klp = sys.argv[sys.argv.index("-o") + 1]
print("%.2f %.2f %d %d %d" % (wall, r.ru_utime + r.ru_stime, r.ru_maxrss, os.path.getsize(klp),
                             len(json.load(open(report)).get("functions", []))))
PY
}

load=$(cut -d' ' -f1 /proc/loadavg)
demo=patches/sockmap-max-entries
: > "$work/runs"
# The first run warms the page cache and doesn't count.
timed "$demo" > /dev/null || exit 1
for _ in 1 2 3; do
	timed "$demo" >> "$work/runs" || exit 1
done
column() { cut -d' ' -f"$1" "$2" | median; }
how="median of 3 warm runs of klp-build build $demo on $(nproc) CPUs; load of the host $load"
figure "build of the demo's fix, wall" "$(column 1 "$work/runs")" s - - "<=8" "$krel" "$how"
figure "build of the demo's fix, CPU" "$(column 2 "$work/runs")" s 4133 "kpatch-build, recorded" "<=8" "$krel" "$how"
figure "bundle of the demo's fix, one function" "$(column 4 "$work/runs")" bytes - - "<=8192" "$krel" "size of the signed file"

# Every live patch of the project that this kernel takes.
: > "$work/all"
refused=0
for fix in patches/*/; do
	if timed "$fix" >> "$work/all" 2> "$work/err"; then
		continue
	fi
	refused=$((refused + 1))
	echo "build: ${fix%/}: $(head -n 1 "$work/err")" >&2
done
nr=$(wc -l < "$work/all")
[ "$nr" -gt 0 ] || exit 1
how="median of the $nr of patches/ that build for this kernel ($refused don't), one warm run each; load of the host $load"
figure "build of a fix, wall" "$(column 1 "$work/all")" s - - "<=4" "$krel" "$how"
figure "build of a fix, CPU" "$(column 2 "$work/all")" s - - "<=5" "$krel" "$how"
figure "largest process of a build" "$(calc "$(cut -d' ' -f3 "$work/all" | sort -n | tail -n 1) / 1024" %.0f)" MiB - - "<=1024" "$krel" \
	"the largest maximum resident set of the builder and its children"
