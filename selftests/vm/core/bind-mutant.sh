#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I9]: a core that compares nothing and takes nothing back lets modules in that it mustn't.
# kernels: 6.1
# mutant: I9
# modules: qp_bound
# progs: qpbind
. /test/lib.sh
load_core
dmesg -n 4	# a line on the serial console for each failed load takes longer than the load
check_not "core-bind's program fails" qpbind storm /modules/qp_bound.ko 60
dmesg -n 6
show
check_out "a table that isn't true was taken" "false table was TAKEN"
check_out "loads worked that mustn't" "[1-9][0-9]* WRONG"
