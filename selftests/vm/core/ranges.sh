#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] Affected code is found in what 12,000 spans cover, and nowhere else, in steps that don't grow with their number.
# kernels: 6.1
# core: no
# modules: qp_ranges
. /test/lib.sh
check "the look-up says what a plain search of all spans says, and quickly" insmod /modules/qp_ranges.ko
dmesg | grep qp_ranges
