#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Patched code fires a tracepoint that vmlinux exports with its static call: the module loads, and the
# call is made.
# kernels: 6.1
# bundles: drop-reason
. /test/lib.sh
T=/sys/kernel/debug/tracing
# An answer to a ping finds no ping socket: it is dropped, and the raw socket has a copy.
dropped() {
	echo > $T/trace
	echo 1 > $T/events/skb/kfree_skb/enable
	ping -c 1 -W 2 127.0.0.1 > /dev/null
	echo 0 > $T/events/skb/kfree_skb/enable
	grep -c "kfree_skb:.*reason: $1" $T/trace
}
load_core
need "a network" ifconfig lo 127.0.0.1 up
check "unpatched: dropped for want of a socket" [ "$(dropped NO_SOCKET)" -ge 1 ]
need "applied" klp-apply load /bundles/drop-reason.klp
check "patched: the event comes, with another reason" [ "$(dropped NETFILTER_DROP)" -ge 1 ]
check_eq "and with the old one no more" "$(dropped NO_SOCKET)" 0
need "reverted" klp-apply revert drop-reason
check "as before" [ "$(dropped NO_SOCKET)" -ge 1 ]
unload_core
