#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A function takes one more argument: its caller calls the new one, as soon as it is new itself, and
# the old one stays as it was for whoever still calls it. Under load, forward and back.
# kernels: 6.1 6.12
# bundles: signature
# modules: qp_stock
# timeout: 240
. /test/lib.sh
load_core
patched() { grep -c "^Patched: seven" /proc/self/status; }
check_eq "unpatched" "$(patched)" 0
(while :; do cat /proc/self/status; done > /tmp/lines) & b=$!
T=/sys/kernel/tracing
echo task_mem > $T/set_ftrace_filter
echo function > $T/current_tracer
run klp-apply check /bundles/signature.klp
check_out "who traces the old one is told" "in use by a tracer: task_mem"
check_out "that it goes blind" "it goes blind: .*__patched"
echo nop > $T/current_tracer
echo > $T/set_ftrace_filter
need "a stock livepatch of the old one" insmod /modules/qp_stock.ko function=task_mem
wait_for 30 grep -q 0 /sys/kernel/livepatch/qp_stock/transition
check_rc "whose calls aren't taken away" 6 klp-apply load /bundles/signature.klp
check_out "by whom is said" "task_mem: a stock livepatch replaces it"
check_eq "nothing was loaded" "$(loaded qp_signature && echo loaded)" ""
echo 0 > /sys/kernel/livepatch/qp_stock/enabled
check "without it" wait_for 30 rmmod qp_stock
check "applied" klp-apply load /bundles/signature.klp
check_eq "patched" "$(patched)" 1
wait_for 10 sh -c 'klp-apply status | grep -q settled'
check_eq "settled" "$(patched)" 1
check "reverted" klp-apply revert signature
check_eq "unpatched again" "$(patched)" 0
kill $b; wait $b 2> /dev/null
check_eq "no caller got another's answer" "$(grep -c "^Wrong:" /tmp/lines)" 0
check "some ran with it" grep -q "^Patched: seven" /tmp/lines
unload_core
