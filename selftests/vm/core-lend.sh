#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I9]: while the lent symbols change under the loader's eyes, a load gets the right address or none, never a wrong one.
# kernels: 6.1 6.12 7.3
# modules: qp_lent
# progs: qplend
. /test/lib.sh
load_core
dmesg -n 4	# a line on the serial console for each failed load takes longer than the load
check "60 tables, and loads all the time" qplend /modules/qp_lent.ko 60
dmesg -n 6
show
wait_for 5 rmmod qp_lent || ! loaded qp_lent || fail "the module goes"
check_not "nothing is lent any more" insmod /modules/qp_lent.ko
check "the log says what it misses" has_log "Unknown symbol qp.vmlinux.generic_file_mmap"
unload_core
