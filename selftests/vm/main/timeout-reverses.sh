#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A switch that can't end in time is taken back, and leaves nothing behind.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: pipes
# timeout: 120
. /test/lib.sh
load_core
mkfifo /tmp/fifo
pipes wait /tmp/fifo & sleeper=$!
check "the victim sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
check_rc "load gives up" 7 klp-apply load --kick never --timeout 2 /bundles/pipe-read.klp
show
check_out "and says who held it back" "pipes"
check_out "and where" "pipe_read"
check_eq "every task runs the old code" "$(pipes zero)" 0
run klp-apply status
check_not_out "status knows no patch" "pipe-read"
check_eq "the patch module is gone" "$(loaded qp_pipe_read && echo loaded)" ""
check "the sleeper sleeps on" kill -0 $sleeper
echo x > /tmp/fifo
wait $sleeper
check_eq "and reads on, none the wiser" $? 0
check "without it the same patch goes in" klp-apply load --timeout 30 /bundles/pipe-read.klp
check_eq "and runs" "$(pipes zero)" EINVAL
check "revert" klp-apply revert pipe-read
unload_core
