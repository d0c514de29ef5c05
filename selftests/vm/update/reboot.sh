#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# After a reboot what was good is applied again from the kept bundle, without the
# source and in spite of a hold on what is new; not so what is held by its name.
# kernels: 6.1 6.12
# bundles: pipe-read
# progs: pipes
# boots: 3
# timeout: 180
. /test/lib.sh
load_core
SET="--set state=/persist/state --set watch=0"
case $BOOT in
1)
	mkdir -p /srv/patches && cp /bundles/pipe-read.klp /srv/patches/
	# shellcheck disable=SC2086 # words
	check_rc "applied" 0 klp-update update $SET
	check_eq "it runs" "$(pipes zero)" EINVAL
	;;
2)
	check_eq "after the reboot the old code runs" "$(pipes zero)" 0
	# shellcheck disable=SC2086
	run klp-update status $SET
	check_out "status knows" "to be applied again"
	# shellcheck disable=SC2086
	check "hold what is new" klp-update hold $SET
	# shellcheck disable=SC2086
	check_rc "boot applies it again; there is no source" 0 klp-update boot $SET
	show
	check_out "from its memory" "reapplied +pipe-read 1"
	check_eq "it runs" "$(pipes zero)" EINVAL
	# shellcheck disable=SC2086
	check_rc "a second time there is nothing to do" 2 klp-update boot $SET
	# shellcheck disable=SC2086
	check "hold it by name" klp-update hold $SET --reason "by name" pipe-read
	;;
3)
	# shellcheck disable=SC2086
	check_rc "held by name it isn't applied" 5 klp-update boot $SET
	check_out "and it says why" "held +pipe-read 1: by name"
	check_eq "the old code runs" "$(pipes zero)" 0
	# shellcheck disable=SC2086
	check "unhold" klp-update unhold $SET pipe-read
	rm /persist/state/bundles/*.klp
	# shellcheck disable=SC2086
	check_rc "without the kept bundle it can't be" 1 klp-update boot $SET
	check_out "and it says so" "its kept bundle is gone"
	# shellcheck disable=SC2086
	run klp-update history $SET
	show
	check_out "history has all boots" "reapplied"
	;;
esac
