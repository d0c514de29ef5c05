#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A patch that requires another isn't applied without it, and holds it; a later release takes the place of
# the earlier one in one transition, goes back to it, and may let go of it for good.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a qp_patch_b qp_patch_sum qp_patch_cmdline
# progs: qpdrive victims
# timeout: 240
. /test/lib.sh
version() { sed -n 's/^version //p' /proc/qp_victim; }
lone() { sed -n 's/^lone //p' /proc/qp_victim; }
is() { check_eq "$1" "$(version) $(lone)" "$2"; }
calls() { sed -n "s/^calls$1 //p" /proc/qp_victim; }
addr=0x$(awk '$3 == "cmdline_proc_show" { print $1 }' /proc/kallsyms)
load() { need "load $*" insmod /modules/qp_patch_$1.ko $2 $3 $4; }
settled() { [ "$(attr patches/qp_patch_sum/functions/qp_victim,qp_inner/mode)" = direct ]; }
unload() { check "rmmod $1" wait_for 20 rmmod qp_patch_$1; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
load b release=1
load sum release=2
load cmdline addr=$addr requires=1
echo workers > /proc/qp_victim
victims 2 & v=$!

check_not "without what it requires it isn't applied" qpdrive apply qp_patch_cmdline
check "the log names that" has_log "qp_patch_cmdline: requires patch pair in release 1 or a later one, which isn't applied"
check_eq "sysfs, too" "$(attr patches/qp_patch_cmdline/requires)" "pair 1"
check "release 1" qpdrive apply qp_patch_b
check_eq "sysfs has its name and release" "$(attr patches/qp_patch_b/name) $(attr patches/qp_patch_b/release)" "pair 1"
check "now it is" qpdrive apply qp_patch_cmdline
check_not "and holds it" qpdrive revert qp_patch_b
check "the log names who" has_log "qp_patch_b: patch qp_patch_cmdline requires it"

check "release 2 takes its place" qpdrive apply qp_patch_sum
is "it runs, and what it doesn't change is back" "3 100"
check_eq "release 1 is replaced" "$(attr patches/qp_patch_b/replaced)" 1
check_eq "nobody else" "$(attr patches/qp_patch_cmdline/replaced)" 0
check_not "release 1 is held" qpdrive revert qp_patch_b
check "back to it: the requirement is met by it, too" qpdrive revert qp_patch_sum
is "release 1 runs" "2 200"
check "to and fro under load" qpdrive loop qp_patch_sum 5
check "and in once more" qpdrive apply qp_patch_sum
check "release 1 is let go of" qpdrive retire qp_patch_sum
check_out "one" "^1 retired"
is "nothing has changed" "3 100"
unload b
check_not "release 2 is held now" qpdrive revert qp_patch_sum
load b release=1
check_not "an earlier release doesn't take the place of a later one" qpdrive apply qp_patch_b
check "the log says so" has_log "qp_patch_b: is release 1 of pair, but qp_patch_sum is release 2"
check "what requires it goes" qpdrive revert qp_patch_cmdline
check "and so may it" qpdrive revert qp_patch_sum
is "the original: nothing came back" "0 100"

unload cmdline
load cmdline addr=$addr requires=3
check "release 1" qpdrive apply qp_patch_b
check_not "too early a release won't do" qpdrive apply qp_patch_cmdline
check "the log says which" has_log "requires patch pair in release 3 or a later one"

load a
check "another patch on top of it" qpdrive apply qp_patch_a
check_not "so it can't be taken over" qpdrive apply qp_patch_sum
check "the log names who" has_log "cannot take the place of qp_patch_b: patch qp_patch_a stands on its qp_inner"
check "down" qpdrive revert qp_patch_a
check "down" qpdrive revert qp_patch_b
kill $v; wait $v 2>/dev/null
echo stop > /proc/qp_victim
say "$(tr '\n' ' ' < /proc/qp_victim)"
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim

# What release 1 stood on comes back where release 2 changes less.
unload sum
load sum release=2 narrow=1
check "below" qpdrive apply qp_patch_a
check "release 1" qpdrive apply qp_patch_b
check "release 2" qpdrive apply qp_patch_sum
is "its one function" "3 100"
n=$(calls 1)
echo outer > /proc/qp_victim
check_eq "and below's other one" "$(calls 1)" $((n + 1))
check "settled" wait_for 20 settled
check "retire" qpdrive retire qp_patch_sum
unload b
is "the same" "3 100"
echo outer > /proc/qp_victim
check_eq "the same" "$(calls 1)" $((n + 2))
check "down" qpdrive revert qp_patch_sum
is "below" "1 100"
check "down" qpdrive revert qp_patch_a
is "the original" "0 100"

# What was taken over from comes back, and with it what it requires.
for p in sum cmdline; do unload $p; done
load cmdline addr=$addr
load b release=1 requires=qp_patch_cmdline
load sum release=2
check "what is required" qpdrive apply qp_patch_cmdline
check "release 1, which requires it" qpdrive apply qp_patch_b
check "release 2, which doesn't, takes its place" qpdrive apply qp_patch_sum
check_not "what release 1 requires is held" qpdrive revert qp_patch_cmdline
check "the log says why" has_log "qp_patch_cmdline: patch qp_patch_b requires it, and comes back when qp_patch_sum is reverted"
check "release 1 is let go of" qpdrive retire qp_patch_sum
check "now it may go" qpdrive revert qp_patch_cmdline
check "down" qpdrive revert qp_patch_sum
is "the original" "0 100"
unload b
for p in a sum cmdline; do unload $p; done
check "rmmod the victim" rmmod qp_victim
unload_core
