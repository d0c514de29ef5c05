#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I9]: a module is linked while its own table is bound, and at no other time; a table that isn't true is never bound.
# kernels: 6.1 6.12 7.3
# modules: qp_bound
# progs: qpbind
# timeout: 300
. /test/lib.sh
load_core
check_not "not bound: not loaded" insmod /modules/qp_bound.ko
check "the log says what it misses" has_log "Unknown symbol qp_verified_52a7d1d9"
dmesg -n 4	# a line on the serial console for each failed load takes longer than the load
check "120 tables, and loads all the time" qpbind storm /modules/qp_bound.ko 120
dmesg -n 6
show
wait_for 5 rmmod qp_bound || ! loaded qp_bound || fail "the module goes"
check "the log names what isn't where it should be" has_log "quietpatch: symbol _printk isn't at _printk\+0x10/"
check_not "the file is closed: nothing is bound any more" insmod /modules/qp_bound.ko
check "the largest table, and one that is larger" qpbind most
show
unload_core
