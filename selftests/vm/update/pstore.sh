#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A panic in a patch's code: the kernel's last words (pstore) name it, and once is enough, also for a patch that had
# passed its watch. A panic in somebody else's code takes no patch out that was good.
# kernels: 6.1 6.12
# bundles: pipe-read-warns
# progs: pipes
# boots: 4
# panics: 1 2
# pstore: yes
# timeout: 180
. /test/lib.sh
load_core
SET="--set state=/persist/state"
mount -t pstore pstore /sys/fs/pstore
mkdir -p /srv/patches
panic_in_patch() {
	sync
	echo 1 > /proc/sys/kernel/panic_on_warn
	pipes zero
}
case $BOOT in
1)
	# Somebody else's: sysrq. The patch was good.
	cp /bundles/pipe-read-warns.klp /srv/patches/
	# shellcheck disable=SC2086 # words
	klp-update update $SET --set watch=0 || die "not applied"
	sync
	echo c > /proc/sysrq-trigger
	;;
2)
	ls /sys/fs/pstore
	# shellcheck disable=SC2086
	klp-update boot $SET --set watch=0 > /persist/boot2 2>&1
	# shellcheck disable=SC2086
	klp-update history $SET >> /persist/boot2
	panic_in_patch
	;;
3)
	cat /persist/boot2
	check "after a panic elsewhere what was good is applied again" grep -q "reapplied *pipe-read 1" /persist/boot2
	check_not "and nobody doubts it" grep -q "doubtful\|crashed" /persist/boot2
	check "there are last words" sh -c 'ls /sys/fs/pstore/dmesg-*'
	# shellcheck disable=SC2086
	check_rc "boot finds the patch in them" 7 klp-update boot $SET
	show
	check_out "and says where" "crashed +pipe-read 1: the machine crashed after the patch had passed its watch; the kernel's last words .*dmesg-.* name pipe_read"
	check_eq "the machine is up without it" "$(pipes zero)" 0
	cp /bundles/pipe-read-warns.klp /srv/patches/
	# shellcheck disable=SC2086
	check_rc "it isn't tried again" 7 klp-update update $SET
	check_eq "it is out" "$(pipes zero)" 0
	;;
4)
	cp /bundles/pipe-read-warns.klp /srv/patches/
	# shellcheck disable=SC2086
	check_rc "nor in the next boot" 2 klp-update boot $SET
	# shellcheck disable=SC2086
	check_rc "by nobody" 7 klp-update update $SET
	check_eq "it is out" "$(pipes zero)" 0
	;;
esac
