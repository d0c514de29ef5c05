#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo - wall time of a warm `make demo`.
set -u
. "$(dirname "$0")/lib.sh"
krel=$(krel_of 6.1)
target_prepared "$krel" || exit 1
load=$(cut -d' ' -f1 /proc/loadavg)
start=$(date +%s%N)
make --no-print-directory demo >&2 || exit 1
ms=$((($(date +%s%N) - start) / 1000000))
figure "make demo, warm" "$(calc "$ms / 1000")" s - - "<=90" "$krel" "one run on $(nproc) CPUs, kernel prepared before; load of the host $load"
