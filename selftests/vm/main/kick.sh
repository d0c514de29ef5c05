#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --kick wakes tasks that sleep in changed code: "safe" only out of calls that start again unseen,
# "all" out of any; without it nobody is disturbed.
# kernels: 6.1 6.12
# bundles: sleepers-answer
# progs: waits
# timeout: 240
. /test/lib.sh
load() { klp-apply load --timeout 4 "$@" /bundles/sleepers-answer.klp; }
# sleeps KIND FUNCTION: one more sleeper, its output in /tmp/KIND
sleeps() {
	mkfifo /tmp/fifo.$1
	waits $1 /tmp/fifo.$1 > /tmp/$1 & eval "pid_$1=$!"
	need "$1 sleeps" wait_for 10 grep -q asleep /tmp/$1
	need "in $2" wait_for 10 grep -q "$2" /proc/$(sed -n 's/asleep //p' /tmp/$1)/stack
}
# wakes KIND RESULT
wakes() {
	echo x > /tmp/fifo.$1
	eval "wait \$pid_$1"
	check_eq "$1" "$(sed 1d /tmp/$1)" "$2"
}
load_core
sleeps recv unix_stream_read_generic
check_rc "a receiver, and nobody is kicked: rolled back" 7 load
check_out "it is named, with what helps" "waits .*kick safe"
check "kicked, the switch ends" load --kick safe
check_eq "the new code runs" "$(waits answer)" "Numerical argument out of domain"
check "back, over the same sleeper" klp-apply revert --kick safe sleepers-answer
check_eq "and the old one" "$(waits answer)" EINVAL

sleeps epoll do_epoll_wait
sleeps limited unix_stream_read_generic
check_rc "what would notice isn't kicked by safe" 7 load --kick safe
check_out "epoll_wait is named" "do_epoll_wait"
check_not_out "the receiver without a limit is out of the way" "$(sed -n 's/asleep //p' /tmp/recv)"
check_eq "nobody has noticed" "$(cat /tmp/epoll /tmp/limited /tmp/recv | grep -vc asleep)" 0
check "by all it is" load --kick all --json
check_out "and the reply counts" '"kicked": [1-9]'
check_eq "they have noticed" "$(sed 1d /tmp/epoll) $(sed 1d /tmp/limited)" "Interrupted system call Interrupted system call"
check_eq "the new code runs" "$(waits answer)" "Numerical argument out of domain"
wakes recv undisturbed
check "back" klp-apply revert sleepers-answer

unload_core
