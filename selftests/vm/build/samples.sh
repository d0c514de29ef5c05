#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The samples for patch authors: a callback that changes data, a shadow variable, a state that guards a
# cumulative patch.
# kernels: 6.1
# bundles: protected-fifos eventfd-owner eventfd-owner-name
# progs: eventfds
# timeout: 240
. /test/lib.sh
fifos() { cat /proc/sys/fs/protected_fifos; }
# One eventfd is made now, and shown again whenever a line comes through its FIFO.
maker() { mkfifo /tmp/fifo.$1; eventfds < /tmp/fifo.$1 > /tmp/out.$1 & eval "exec $2> /tmp/fifo.$1; pid_$1=$!"; }
shows() { echo >&$2; sleep 1; tail -n 1 /tmp/out.$1; }
load_core

say "a callback"
check_eq "the kernel's default" "$(fifos)" 0
check "the patch goes in" klp-apply load /bundles/protected-fifos.klp
check_eq "and changes it" "$(fifos)" 1
check "reverted" klp-apply revert protected-fifos
check_eq "as it was" "$(fifos)" 0
echo 2 > /proc/sys/fs/protected_fifos
check "in again" klp-apply load /bundles/protected-fifos.klp
check_eq "an administrator's choice stays" "$(fifos)" 2
check "out" klp-apply revert protected-fifos
check_eq "there, too" "$(fifos)" 2

say "a shadow variable"
maker old 3
check_eq "unpatched: no owner is shown" "$(shows old 3)" "no owner"
check "the patch goes in" klp-apply load /bundles/eventfd-owner.klp
check_eq "what was there before has none" "$(shows old 3)" "no owner"
maker new 4
check_eq "what is made now has one" "$(shows new 4)" "eventfd-owner: $pid_new"

say "a state"
check_eq "it is told" "$(attr patches/qp_eventfd_owner/states)" "0xe7fd 1"
check "the cumulative patch takes over" klp-apply load /bundles/eventfd-owner-name.klp
check_eq "with what the first has noted" "$(shows new 4)" "eventfd-owner: $pid_new ?"
maker newer 5
check_eq "and more" "$(shows newer 5)" "eventfd-owner: $pid_newer eventfds"
check "back to the first" klp-apply revert eventfd-owner-name
check_eq "which goes on with its own" "$(shows newer 5)" "eventfd-owner: $pid_newer"
check "it goes" klp-apply revert eventfd-owner
check_eq "nothing is shown" "$(shows newer 5)" "no owner"
check "the cumulative one alone" klp-apply load /bundles/eventfd-owner-name.klp
check_eq "finds nothing of the others'" "$(shows newer 5)" "no owner"
check_not "an older version of the state is refused" klp-apply load /bundles/eventfd-owner.klp
check_out "and the reason told" "has state 0xe7fd in version 1, but patch qp_eventfd_owner_name has it in version 2"
check "it goes" klp-apply revert eventfd-owner-name
exec 3>&- 4>&- 5>&-
unload_core
