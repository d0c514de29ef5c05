#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --kick wakes a kernel thread that sleeps in changed code, "safe" too, since it looks again at what it waits
# for; without it the thread sleeps on, undisturbed, and the switch is turned round.
# kernels: 6.1 6.12 7.3
# modules: qp_victim
# packed: qp_patch_a
# timeout: 240
. /test/lib.sh
B=/bundles/qp_patch_a.klp
version() { sed -n 's/^version //p' /proc/qp_victim; }
asleep() { grep -q "$1" /proc/$t/stack; }
switches() { sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/$t/status; }
# held WHAT COMMAND...: turned round, and the thread has slept all along.
held() {
	_what=$1 _n=$(switches); shift
	check_rc "$_what: held by the thread, and turned round" 7 "$@" --timeout 4
	check_out "it is named, with where it sleeps and what helps" "qp_sleeper.*kick safe"
	check_eq "it has slept on" "$(switches)" "$_n"
}
load_core
need "load the victim" insmod /modules/qp_victim.ko
echo kthread 3600 > /proc/qp_victim
usleep 500000
t=$(grep -l '^qp_sleeper$' /proc/[0-9]*/comm | cut -d/ -f3)
need "an hour's sleep begins in qp_sleeper" wait_for 10 asleep qp_sleeper

held "up" klp-apply load $B
check_eq "the old version runs" "$(version)" 0
check "kicked, as safe, it ends" klp-apply load --kick safe --timeout 60 --json $B
show
check_out "the reply counts" '"kicked": [1-9]'
check_eq "the new version runs" "$(version)" 1
check "the thread sleeps in the new code" wait_for 10 asleep new_sleeper

held "down" klp-apply revert patch-a
check_eq "the new version runs on" "$(version)" 1
check "kicked, as all, it ends" klp-apply revert --kick all --timeout 60 --json patch-a
check_out "the reply counts" '"kicked": [1-9]'
check_eq "the old version runs" "$(version)" 0
check "the thread sleeps in the old code" wait_for 10 asleep qp_sleeper
echo stop > /proc/qp_victim
check "rmmod the victim" rmmod qp_victim
unload_core
