#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Looking at all tasks costs no more than a quarter of one CPU and ten rounds a second, and tells what it has cost; no BPF program,
# map, link or type is left after success, failure, kill -9.
# kernels: 6.1
# kernels-full: 6.12
# modules: qp_victim
# packed: qp_patch_a
# progs: sleepers bpfids
# memory: 1024
# timeout: 300
. /test/lib.sh
B=/bundles/qp_patch_a.klp
number() { sed -n "s/.*\"$1\": \([0-9.]*\).*/\1/p" "$OUT"; }
ticks() { sed 's/.*) //' /proc/$1/stat | awk '{ print $12 + $13 }'; }
atmost() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a <= b) }'; }
looks() { bpfids | grep -q prog; }
nothing_left() { bpfids | cmp -s - /tmp/before; }
there() { bpfids | grep -c "^$1"; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
bpfids > /tmp/before
say "of BPF before: $(wc -l < /tmp/before)"

check "success" klp-apply load $B
show
check_out "its cost is told" "[0-9]+ rounds?, [0-9]+\.[0-9] ms of CPU"
check "leaves nothing" wait_for 20 nothing_left
check "nor does the way back" klp-apply revert patch-a
check "leave anything" wait_for 20 nothing_left

# By the memory of a small guest, fewer are allowed.
echo 40000 > /proc/sys/kernel/threads-max
# A kernel that was configured to be small has 4,096.
echo 32768 > /proc/sys/kernel/pid_max
sleepers 5000 nopipe > /tmp/ready & sleepers=$!
need "5,000 threads" wait_for 150 grep -q ready /tmp/ready
(echo sleep > /proc/qp_victim) & s=$!
sleep 1
klp-apply load --json --timeout $((12 * SLOW)) $B > "$OUT" 2>&1 & l=$!
need "in transition" wait_for 60 grep -q transition /sys/kernel/quietpatch/phase
sleep $((2 * SLOW))
t=$(ticks $l) from=$(now_ms)
check_eq "while it looks, there are its programs and its maps" "$(there prog) $(($(there map) > 2))" "2 1"
sleep $((6 * SLOW))
cpu=$(($(ticks $l) - t)) took=$(($(now_ms) - from))
wait $l
check_eq "held back, it is put back" $? 7
share=$(number share) rate=$(number rounds_per_s)
say "5,000 threads, held back: ${cpu}0 ms of CPU in $took ms; told: $(number cpu_ms) ms, share $share, $rate rounds a second"
# More than 25: what an emulator's host takes away counts as CPU time.
check "about a quarter of one CPU" atmost $((cpu * 1000 / took)) 40
check "as it says" atmost "$share" 0.4
check "ten rounds a second" atmost "$rate" 11
check "a failure leaves nothing" wait_for 20 nothing_left

check_rc "check looks on as frugally" 6 klp-apply check --for 5s --json $B
cpu=$(number cpu_ms)
say "check: $cpu ms of CPU in 5 s"
check "two fifths of one CPU, with its first looks" atmost "$cpu" 2200
check "leaves nothing" wait_for 20 nothing_left

for how in "load --timeout 100 --timeline /tmp/t.svg" "check --for 100s"; do
	# shellcheck disable=SC2086 # words
	klp-apply $how $B > /tmp/killed.out 2>&1 & l=$!
	check "$how: it looks" wait_for 60 looks
	[ "${how%% *}" = check ] || need "in transition" wait_for 60 grep -q transition /sys/kernel/quietpatch/phase
	sleep 1
	kill -9 $l
	wait $l
	check "kill -9 leaves nothing" wait_for 20 nothing_left
done
check_not "nor half a picture" ls /tmp/t.svg*
echo open > /proc/qp_victim; wait $s
check "the next one ends it" klp-apply resume
check "down" klp-apply revert patch-a
kill $sleepers
check "rmmod the victim" wait_for 20 rmmod qp_victim
unload_core
