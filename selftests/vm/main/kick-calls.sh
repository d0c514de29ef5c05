#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# 30 system calls that sleep in changed code: none of them notices --kick safe (no EINTR, nothing cut short, no short
# sleep), which wakes only those that start again; --kick all wakes more, and the ones that notice are known.
# kernels: 6.1
# kernels-full: 6.12
# bundles: calls-asleep
# progs: calls
# timeout: 300
. /test/lib.sh
# The shells of the test sleep in wait4, too.
load() { klp-apply load "$@" /bundles/calls-asleep.klp; }
# begin SECONDS: all asleep.
begin() {
	calls /tmp/fifo $1 > /tmp/calls 2>&1 & calls=$!
	need "all sleep" wait_for 20 asleep
}
# In the very call, not on their way there.
asleep() {
	[ "$(grep -c ^asleep /tmp/calls)" = 30 ] || return 1
	for _p in $(sed -n 's/^asleep .* //p' /tmp/calls); do
		grep -q '^State:.S' /proc/$_p/status || return 1
	done
}
pid_of() { sed -n "s/^asleep $1 //p" /tmp/calls; }
# Who holds the switch back, by kind; the children that wait4 and waitid wait for are no kinds.
holding() {
	for _k in $(sed -n 's/^asleep \(.*\) .*/\1/p' /tmp/calls); do
		grep -q "\"pid\": $(pid_of $_k)," "$OUT" && echo $_k
	done | sort | tr '\n' ' '
}
kicked() { sed -n 's/.*"kicked": \([0-9]*\).*/\1/p' "$OUT"; }
finish() {
	echo x > /tmp/fifo
	wait $calls
	grep -v ^asleep /tmp/calls | sed 's/^/#   /'
}
ALL="accept clock-nanosleep connect epoll eventfd flock futex futex-timed mq-receive msgrcv nanosleep open pause poll ppoll-timed pselect-timed read recv recv-all recv-limited recv-lowat recvmsg-all select semop sigsuspend sigtimedwait splice wait4 waitid write "
# Of these, who isn't woken by safe: they would notice, or aren't known not to.
KEPT="connect epoll mq-receive open recv-all recv-limited recv-lowat recvmsg-all semop sigtimedwait splice write "
NOTICE="epoll recv-all recv-limited recv-lowat recvmsg-all semop sigtimedwait write "
mkfifo /tmp/fifo
load_core

begin $((40 * SLOW))
check_rc "nobody is kicked" 7 load --timeout 2 --json
check_eq "none" "$(kicked)" 0
check_eq "all hold it back" "$(holding)" "$ALL"
check_rc "a kick that comes too late" 7 load --timeout 2 --kick all --after 60s --json
check_eq "is none" "$(kicked)" 0
start=$(now_ms)
check_rc "safe wakes some" 7 load --timeout 4 --kick safe --after 2s --json
check_eq "the others hold it back" "$(holding)" "$KEPT"
say "kicked: $(kicked), in $(($(now_ms) - start)) ms"
finish
check_eq "nobody has noticed" "$(grep -vc '^asleep\|undisturbed' /tmp/calls)" 0
check_eq "all have ended" "$(grep -c undisturbed /tmp/calls)" 30

begin $((20 * SLOW))
check "all wakes whoever can be" load --timeout 10 --kick all --after 0
finish
check_eq "who notices is known" "$(grep -v '^asleep\|undisturbed' /tmp/calls | cut -d' ' -f1 | sort | tr '\n' ' ')" "$NOTICE"
check "and down" klp-apply revert --kick safe calls-asleep
unload_core
