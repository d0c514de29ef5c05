#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I9]: with the table written in place, and the writer held up half-way, loads get wrong addresses.
# kernels: 6.1
# mutant: I9
# modules: qp_lent
# progs: qplend
. /test/lib.sh
load_core
dmesg -n 4	# a line on the serial console for each failed load takes longer than the load
check_not "core-lend's program fails" qplend /modules/qp_lent.ko 12
dmesg -n 6
show
check_out "for the reason that it looks for" "[1-9][0-9]* WRONG"
