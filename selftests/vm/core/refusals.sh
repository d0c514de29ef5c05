#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I9] and validation: a malformed patch, one for other code, and malformed calls are refused; nothing changes.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_bad qp_patch_sleeper
# progs: qpdrive asuser
. /test/lib.sh
load_core
need "load the victim" insmod /modules/qp_victim.ko
for m in digest size abi reserved flags funcflags requireflags twice name newaddr wrap oldsize buildid funcs mask offset sympos state callback cold; do
	check_not "refused: $m" insmod /modules/qp_patch_bad.ko mode=$m || rmmod qp_patch_bad
done
check "the log names the function whose code differs" has_log "quietpatch: qp_inner: its code in memory isn't what"
check "the log says that it is another build" has_log "quietpatch: qp_patch_bad: built for the kernel with build-id"
mount -t tmpfs none /sys/kernel
check_not "refused: a build-id, and no way to tell the kernel's" insmod /modules/qp_patch_bad.ko mode=buildid || rmmod qp_patch_bad
umount /sys/kernel
check "the log says so" has_log "quietpatch: qp_patch_bad: the running kernel's build-id can't be read"
check "malformed calls are refused" qpdrive abi
for f in phase epoch nr_old settle; do check_not "$f isn't told to an ordinary user" asuser 1000 cat /sys/kernel/quietpatch/$f; done
check "the version is" asuser 1000 cat /sys/kernel/quietpatch/version
need "load a good one" insmod /modules/qp_patch_sleeper.ko
P=/sys/kernel/quietpatch/patches/qp_patch_sleeper
for f in stragglers functions/qp_victim,qp_sleeper/mode functions/qp_victim,qp_sleeper/hits; do
	check "root is told its $f" cat $P/$f
	check_not "an ordinary user isn't" asuser 1000 cat $P/$f
done
check "a user is told its order" asuser 1000 cat $P/order
check "and whether it is in force" asuser 1000 cat $P/state
need "unload it" rmmod qp_patch_sleeper
check_eq "nothing is registered" "$(ls /sys/kernel/quietpatch/patches)" ""
check "the victim isn't held" rmmod qp_victim
unload_core
