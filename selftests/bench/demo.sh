#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# demo - wall time of a warm `make demo`.
set -u
cd "$(dirname "$0")/../.." || exit 1
start=$(date +%s%N)
make --no-print-directory demo >&2 || exit 1
ms=$((($(date +%s%N) - start) / 1000000))
printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "make demo, warm" "$((ms / 1000)).$((ms % 1000 / 100))" s - - "<=90" \
	6.1.0-50-cloud-amd64 "one run on $(nproc) CPUs, kernel prepared before"
