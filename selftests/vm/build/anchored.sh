#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Unexported functions, data and per-CPU variables of vmlinux are reached by their distance from the anchor; a module that klp-build made
# is linked only while its very table is bound, and a table with a wrong distance is refused by name [I9].
# kernels: 6.1 6.12 7.3
# bundles: inodes-counted inodes-counted@module
# progs: qpbind
. /test/lib.sh
KO=/bundles/inodes-counted.ko
inodes() { cut -f 1 /proc/sys/fs/inode-nr; }
load_core
check_not "not bound: not loaded" insmod $KO
check "the log says what it misses" has_log "inodes_counted: Unknown symbol qp_verified_"
check_not "another table is bound, true though it is: not loaded" qpbind part $KO
check_out "that is, by the loader" "entries; load: No such file"
check "each entry moved by 16 bytes is refused, and named" qpbind moved $KO
show
check "the log names them" has_log "quietpatch: symbol inodes_stat isn't at "
check_not "nothing is loaded so far" loaded qp_inodes_counted
check "its own is bound: loaded" qpbind load $KO
check "it goes" rmmod qp_inodes_counted
before=$(inodes)
check "applied" klp-apply load /bundles/inodes-counted.klp
now=$(($(inodes) - 1000000))
check "data and per-CPU variables are the kernel's: $before inodes, now $now" [ $((now - before)) -lt 300 ] &&
	check "and not fewer" [ $((before - now)) -lt 300 ]
check "reverted" klp-apply revert inodes-counted
check_not "the anchor's version is in the module" has_log "no symbol version|disagrees about version"
unload_core
