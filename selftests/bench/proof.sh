#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# proof - compile units spread over the kernel as they are: how many functions
# come out as the shipped bytes?  UNITS sets how many (200).
set -u
. "$(dirname "$0")/../vm/host.sh"
krel=$(krel_of 6.1)
units=${UNITS:-200}
"$BIN/klp-build" prepare --kernel "$krel" >&2 || exit 1
json=$(mktemp)
trap 'rm -f "$json"' EXIT
start=$(date +%s%N)
"$BIN/klp-build" prove --kernel "$krel" --sample "$units" --json "$json" >&2
# 3: some function differs; the figure tells how many.
case $? in 0 | 3) ;; *) exit 1 ;; esac
ms=$((($(date +%s%N) - start) / 1000000))
python3 - "$json" "$krel" "$ms" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
how = "klp-build prove --sample: %d functions of %d units, %d overridden weak ones aside" % (
    r["comparable"], r["units"], r["overridden"])
def figure(name, value, unit, goal):
    print("\t".join([name, value, unit, "-", "-", goal, sys.argv[2], how]))
figure("functions equal to the shipped ones", "%.3f" % r["percent"], "%", ">=99.9")
figure("functions that differ", "%d" % r["differ"], "", "-")
figure("proof of a unit, compiles included", "%.2f" % (int(sys.argv[3]) / 1000 / r["units"]), "s", "-")
for f in r["not_proven"]:
    print("%(unit)s: %(function)s: %(why)s" % f, file=sys.stderr)
PY
