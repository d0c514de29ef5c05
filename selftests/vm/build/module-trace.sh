#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A tracepoint of a module fires in changed code as it did before, whenever it is switched.
# kernels: 6.1 6.12
# bundles: module-trace
# kmods: sctp
# progs: sctpself
. /test/lib.sh
T=/sys/kernel/tracing
events() { sctpself && sleep 1 && grep -c 'sctp_probe:' $T/trace; }
load_core
need "the module" modprobe sctp
need "the loopback device" ip link set lo up
check "applied" klp-apply load /bundles/module-trace.klp
check_eq "off: no event" "$(events)" 0
check "the patched code ran" has_log "quietpatch: an acknowledgement, traced: 0"
need "switch it on" sh -c "echo 1 > $T/events/sctp/sctp_probe/enable"
check "on: events" test "$(events)" -gt 0
need "switch it off" sh -c "echo 0 > $T/events/sctp/sctp_probe/enable"
need "forget" sh -c "echo > $T/trace"
check_eq "off again: no event" "$(events)" 0
need "switch it on" sh -c "echo 1 > $T/events/sctp/sctp_probe/enable"
check "reverted" klp-apply revert module-trace
check "unpatched: events" test "$(events)" -gt 0
unload_core
