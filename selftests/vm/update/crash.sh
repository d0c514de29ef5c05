#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine whose power is cut while a patch is watched or applied gives it a second try, since nothing tells whose fault it
# was; going down twice, it comes up without the patch, until a later release. A shutdown is none of a patch's
# fault, also when the disk is full from the patch to the boot.
# kernels: 6.1 6.12
# bundles: pipe-read pipe-read-v2
# progs: pipes
# boots: 7
# timeout: 180
. /test/lib.sh
load_core
mkdir -p /srv/patches
SET="--set state=/persist/state --set watch=300"
# shellcheck disable=SC2086 # words
update() { klp-update update $SET "$@"; }
# shellcheck disable=SC2086
boot() { klp-update boot $SET; }
# The machine goes down with a run under way: nothing of it gets a word in.
power_cut() { killall -9 klp-update klp-apply; sync; }
fixed() { [ "$(pipes zero)" = EINVAL ]; }
case $BOOT in
1)
	cp /bundles/pipe-read.klp /srv/patches/
	check_rc "applied" 0 update
	check "it runs" fixed
	run klp-update status --set state=/persist/state
	check_out "and is being watched" "applied, being watched"
	check_eq "by nobody who stays for it" "$(pidof klp-update klp-apply)" ""
	for f in 1 2 3; do dd if=/dev/zero of=/persist/full$f bs=1024 2> /dev/null; sync; done
	check_rc "so that the end of the watch can't be written down" 1 klp-update watch --set state=/persist/state --set watch=0
	check "a shutdown can be told" klp-update shutdown --set state=/persist/state
	sync
	;;
2)
	rm /persist/full?
	check_rc "it wasn't the patch's fault" 0 boot
	show
	check_out "it is applied again" "reapplied +pipe-read 1"
	check_not_out "and nobody doubts it" "doubtful|crashed"
	check "it runs" fixed
	power_cut
	;;
3)
	check_rc "after a power cut in the watch: a second try" 0 boot
	show
	check_out "told as what it is" "doubtful +pipe-read 1: the machine went down while the patch was being watched; neither"
	check "it runs" fixed
	power_cut
	;;
4)
	cp /bundles/pipe-read.klp /srv/patches/
	check_rc "down twice: the machine comes up without it" 7 boot
	show
	check_out "and says so" "crashed +pipe-read 1: the machine went down a second time while the patch was being watched"
	check_eq "the old code runs" "$(pipes zero)" 0
	check_rc "it isn't tried again" 7 update
	run klp-update status --set state=/persist/state
	show
	check_out "status: crashed" "^patch +pipe-read 1: crashed"
	# The next release goes down in mid-transition.
	cp /bundles/pipe-read-v2.klp /srv/patches/
	mkfifo /tmp/fifo
	pipes wait /tmp/fifo & sleeper=$!
	need "a task sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
	update --set timeout=300 > /tmp/update.out 2>&1 &
	check "the later release is being applied" wait_for 60 klp-apply blockers
	power_cut
	;;
5)
	cp /bundles/pipe-read-v2.klp /srv/patches/
	mkfifo /tmp/fifo
	pipes wait /tmp/fifo & sleeper=$!
	need "a task sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
	update --set timeout=300 > /persist/update.out 2>&1 &
	check "that, too, gets a second try" wait_for 60 klp-apply blockers
	check "which is told" grep -q "doubtful *pipe-read 2: the machine went down while the patch was being applied" /persist/update.out
	power_cut
	;;
6)
	check_rc "and no third" 7 update
	show
	check_out "it is blamed" "crashed +pipe-read 2: the machine went down a second time while the patch was being applied"
	cp /bundles/pipe-read*.klp /srv/patches/
	check_not "neither comes back" update
	check_eq "the old code runs" "$(pipes zero)" 0
	check "an operator may give one back" klp-update retry pipe-read --set state=/persist/state
	check_rc "it is applied" 0 update
	power_cut
	;;
7)
	check_rc "with all its tries" 0 boot
	check_eq "it runs" "$(pipes zero)" "Bad file descriptor"
	;;
esac
