#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I10]: the kernel's own livepatch on the same function is refused, by either of the two that comes second, settled or not.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_stock
# progs: qpdrive
# files: selftests/vm/guest/rival.sh
. /test/lib.sh
. /files/selftests/vm/guest/rival.sh
rival_in() { wait_for 20 grep -q 0 /sys/kernel/livepatch/qp_stock/transition; }
rival_out() { echo 0 > /sys/kernel/livepatch/qp_stock/enabled; rmmod qp_stock; }
rival qp_stock 9
