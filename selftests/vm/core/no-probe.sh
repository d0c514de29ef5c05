#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Without memory for a probe, the core's load fails, takes back what it has done, and nothing is reported.
# kernels: 6.1
# mutant: no-probe
. /test/lib.sh
for i in 1 2; do
	check_not "the load fails" insmod /modules/quietpatch.ko
	check_out "for want of memory" "Cannot allocate memory|Out of memory"
done
check_not "nothing of it stays" [ -e /sys/kernel/quietpatch ]
# Calls what the probes would call.
check "tasks exit" sh -c :
