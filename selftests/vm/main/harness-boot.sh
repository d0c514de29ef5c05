#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest boots, runs its script and is believed.
# kernels: 6.1 6.12 7.3
# core: no
# timeout: 60
. /test/lib.sh
ok "the script runs as PID $$"
check "sysfs is there" test -d /sys/kernel/btf
run false
check_eq "run keeps the status" "$RC" 1
