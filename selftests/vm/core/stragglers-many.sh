#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I12]: many stragglers that never rest don't keep the worker from another patch's; the dead ones' memory doesn't wait for the last one.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_sleeper qp_patch_b
# progs: qpdrive crowd
. /test/lib.sh
CROWD=300
nr_old() { attr patches/$1/stragglers | grep -c .; }
many_old() { qpdrive stragglers | grep -q "^[0-9]* 0 old qp_sleeper.*crowd"; }
asleep() { [ "$(grep -l qp_sleeper /proc/$1/task/*/stack | wc -l)" = $CROWD ]; }
stands_in() { grep -q "$2" /proc/$1/stack; }
none_old() { [ "$(nr_old $1)" = 0 ]; }
one_old() { [ "$(qpdrive stragglers | wc -l)" = 1 ]; }
# Also what KASAN keeps of the freed is given back then.
tasks() {
	echo 1 > /sys/kernel/slab/task_struct/shrink
	awk '$1 == "task_struct" { print $2 }' /proc/slabinfo
}
fewer_tasks() { [ "$(tasks)" -lt $1 ]; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
for m in qp_patch_sleeper qp_patch_b; do need "load $m" insmod /modules/$m.ko; done
printf '#!/bin/sh\necho outer > /proc/qp_victim\nexec sleep 1000\n' > /tmp/held && chmod +x /tmp/held
at_first=$(tasks)
(echo sleep > /proc/qp_victim) & last=$!
crowd $CROWD sleep & crowd=$!
check "many stand in the old code" wait_for 30 asleep $crowd
check "and one more" wait_for 10 stands_in $last qp_sleeper
check "the patch goes live without them" eval "qpdrive start up qp_patch_sleeper > /dev/null && qpdrive leave"
check_out "all are left" "^$((CROWD + 1)) left"
# Each is walked again when it has run: all of them, at each look.
(while :; do echo pulse > /proc/qp_victim; sleep 0.2; done) & pulses=$!
/tmp/held & held=$!
check "one stands in another function" wait_for 10 stands_in $held qp_outer
check "its patch goes live" eval "qpdrive start up qp_patch_b > /dev/null && qpdrive leave"
check_out "without it" "left"
check "it leaves, calls nothing of the patch, and is seen to be out" wait_for 10 none_old qp_patch_b
check "while the many are still there" many_old
kill $pulses $held
wait $pulses $held 2>/dev/null
say "tasks: $at_first at first, $(tasks) with the crowd"
kill -9 $crowd
wait $crowd 2>/dev/null
check "the crowd dies, and one stays" wait_for 20 one_old
check "what it had been isn't kept for that one" wait_for 20 fewer_tasks $((at_first + CROWD / 2))
say "tasks: $(tasks) without it"
echo open > /proc/qp_victim
wait $last
check "the last one leaves" wait_for 10 none_old qp_patch_sleeper
for m in qp_patch_sleeper qp_patch_b; do
	check "revert $m" qpdrive revert $m
	check "rmmod $m" wait_for 20 rmmod $m
done
check "rmmod the victim" rmmod qp_victim
unload_core
