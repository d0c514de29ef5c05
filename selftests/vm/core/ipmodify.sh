#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I10]: another patcher by ftrace, of kpatch's kind, on the same function is refused, by either of the two that comes second, settled or not.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_ipmodify
# progs: qpdrive
# files: selftests/vm/guest/rival.sh
. /test/lib.sh
. /files/selftests/vm/guest/rival.sh
rival_in() { :; }
rival_out() { rmmod qp_ipmodify; }
rival qp_ipmodify 8
