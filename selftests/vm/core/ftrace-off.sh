#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# kernel.ftrace_enabled=0: no patch goes in, and with one in, it can't be set; the replacement itself can be traced.
# kernels: 6.1 6.12
# modules: qp_victim qp_patch_a
# progs: qpdrive
. /test/lib.sh
T=/sys/kernel/tracing F=/proc/sys/kernel/ftrace_enabled
version() { sed -n 's/^version //p' /proc/qp_victim; }
settled() { [ "$(attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode)" = direct ]; }
off() { echo 0 > $F; }
traced() { echo > $T/trace; version > /dev/null; usleep 50000; grep -q new_inner $T/trace; }
load_core
need "the victim" insmod /modules/qp_victim.ko
need "the patch" insmod /modules/qp_patch_a.ko
check "ftrace off" off
check_not "no patch goes in" qpdrive apply qp_patch_a
check "the log says why" has_log "quietpatch: qp_inner: cannot be redirected: .*kernel.ftrace_enabled is 0"
check_eq "the original runs, nothing is left" "$(version) $(attr patches/qp_patch_a/state)" "0 loaded"
echo 1 > $F
check "ftrace on: up" qpdrive apply qp_patch_a
check_not "it can't be turned off under the handler" off
check "settled" wait_for 10 settled
check_not "nor under direct calls" off
check_eq "the patch runs" "$(version)" 1
echo new_inner > $T/set_ftrace_filter
echo function > $T/current_tracer
check "the replacement is traced" traced
check_eq "the patch runs" "$(version)" 1
check "down, while it is traced" qpdrive revert qp_patch_a
check_not "nobody calls it any more" traced
echo nop > $T/current_tracer; echo > $T/set_ftrace_filter
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
