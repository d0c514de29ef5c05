#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine that goes down while a patch is applied or watched comes up without
# it: the marker on the disk keeps that patch out until a later release.
# kernels: 6.1 6.12
# bundles: pipe-read pipe-read-v2
# progs: pipes
# boots: 3
# timeout: 180
. /test/lib.sh
load_core
mkdir -p /srv/patches
update() { klp-update update --set state=/persist/state "$@"; }
# The machine goes down with a run under way: nothing of it gets a word in.
power_cut() { killall -9 klp-update klp-apply; sync; }
case $BOOT in
1)
	cp /bundles/pipe-read.klp /srv/patches/
	update --set watch=300 > /tmp/update.out 2>&1 &
	fixed() { [ "$(pipes zero)" = EINVAL ]; }
	check "applied, and being watched" wait_for 60 fixed
	run klp-update status --set state=/persist/state
	check_out "status says so" "applied, being watched"
	power_cut
	;;
2)
	cp /bundles/pipe-read.klp /srv/patches/
	check_rc "the run after the crash finds it" 7 update --set watch=0
	show
	check_out "and blames the patch" "crashed +pipe-read 1: the machine went down while the patch was being watched"
	check_eq "the old code runs" "$(pipes zero)" 0
	check_rc "it isn't tried again" 7 update --set watch=0
	run klp-update status --set state=/persist/state
	show
	check_out "status: crashed" "^patch +pipe-read 1: crashed"
	# The next release goes down in mid-transition.
	cp /bundles/pipe-read-v2.klp /srv/patches/
	mkfifo /tmp/fifo
	pipes wait /tmp/fifo & sleeper=$!
	need "a task sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
	update --set watch=0 --set timeout=300 > /tmp/update.out 2>&1 &
	check "the later release is being applied" wait_for 60 klp-apply blockers
	power_cut
	;;
3)
	check_rc "that, too, is found" 7 update --set watch=0
	show
	check_out "and blamed" "crashed +pipe-read 2: the machine went down while the patch was being applied"
	cp /bundles/pipe-read*.klp /srv/patches/
	check_not "neither comes back" update --set watch=0
	check_eq "the old code runs" "$(pipes zero)" 0
	;;
esac
