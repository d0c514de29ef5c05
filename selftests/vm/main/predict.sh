#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `check` looks ahead without loading: who would hold the switch, what is hot, whether there is a core and
# whether the kernel would take the module; it leaves nothing behind, and doesn't take the core's own hooks for a tracer's.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# modules: qp_victim
# packed: qp_patch_a
# progs: pipes load
# timeout: 240
. /test/lib.sh
B=/bundles/pipe-read.klp

check_rc "without a core it couldn't be loaded" 3 klp-apply check $B
check_out "and that is said" "core module quietpatch isn't loaded"
check_out "the patch itself is good" "fits this kernel"
load_core

check_rc "nobody is in the way" 0 klp-apply check $B
show
check_out "all would have switched" "all would have switched after [0-9]+ ms"
check_eq "nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "
run klp-apply check --json $B
check_out "as a number for programs" '"switch_ms": [0-9.]+'
check_out "with the core's state" '"core": "loaded"'
check_out "and that the kernel would take it" '"kernel_takes_it": true'

mkfifo /tmp/fifo
pipes wait /tmp/fifo & sleeper=$!
check "the victim sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
check_rc "a sleeper is foreseen" 6 klp-apply check --for 1 $B
show
check_out "by its number and name" "^ *$sleeper  pipes  *asleep in (anon_)?pipe_read"
check_out "with the time it has been there" "for (0\.[5-9]|[1-9][0-9]*\.[0-9]) s or longer"
check_out "and with what helps" "kick safe"
run klp-apply check --for 1 --json $B
check_out "nobody can tell when" '"switch_ms": null'
check_out "for programs, too" "\"pid\": $sleeper"
# The prediction is true: the switch does wait for this task, and for it alone.
check_rc "the switch waits, as foretold" 7 klp-apply load --timeout 2 $B
check_out "for the one that was named" "pipes \($sleeper\)"
echo x > /tmp/fifo
wait $sleeper
check_rc "with it gone the way is clear" 0 klp-apply check --for 0.3 $B

# Busy in the function: hot, and a task that comes and goes holds nothing back.
load 3 > /tmp/load.out 2>&1 & busy=$!
sleep 1
run klp-apply check --for 5 $B
show
check_out "what runs often is told" "hot: (anon_)?pipe_read ran in [0-9]+% of [0-9]+ ticks"
kill $busy
wait $busy 2>/dev/null

check "load" klp-apply load $B
check "revert" klp-apply revert pipe-read
run klp-apply check $B
check_not_out "right after a revert, its own hooks are no tracer's" "in use by a"
check "load again" klp-apply load $B
settled() { [ "$(cat /sys/kernel/quietpatch/patches/qp_pipe_read/functions/vmlinux,*/mode)" = direct ]; }
check "settled" wait_for 30 settled
run klp-apply check $B
check_out "a patch of ours is named as one" "in use by a quietpatch"
check_not_out "and isn't a tracer either" "in use by a tracer"
pipes wait /tmp/fifo & sleeper=$!
check "a sleeper in the patch's code" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
check_rc "is seen in the text of the patch that stands there" 6 klp-apply check --for 0.5 $B
check_out "by name" "^ *$sleeper  pipes "
echo x > /tmp/fifo
wait $sleeper
check "revert" klp-apply revert pipe-read

run klp-apply check /bundles/qp_patch_a.klp
check_out "a module that isn't there is waited for, by name" "pending: waits for module qp_victim"
check_rc "--for nonsense" 64 klp-apply check --for never $B
check_eq "no BPF program is left" "$(cat /proc/*/fdinfo/* 2>/dev/null | grep -c '^prog_id')" 0
unload_core
