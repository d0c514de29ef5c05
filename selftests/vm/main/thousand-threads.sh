#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand threads asleep elsewhere switch without being woken.
# kernels: 6.1 6.12 7.3
# bundles: pipe-read
# progs: sleepers pipes
# memory: 768
# timeout: 120
. /test/lib.sh
load_core
# "nopipe": none of them in pipe_read, which would rightly hold the switch back.
sleepers 1000 nopipe > /tmp/ready & pid=$!
need "1,000 threads" wait_for 60 grep -q ready /tmp/ready
before=$(awk '/^voluntary/ { print $2 }' /proc/$pid/task/*/status | awk '{ n += $1 } END { print n }')
check "apply" klp-apply load /bundles/pipe-read.klp
show
check_out "all of them were listed" "1,?[0-9][0-9][0-9] tasks"
check_eq "it works" "$(pipes zero)" EINVAL
after=$(awk '/^voluntary/ { print $2 }' /proc/$pid/task/*/status | awk '{ n += $1 } END { print n }')
check_eq "no thread was woken for it" "$after" "$before"
check "revert" klp-apply revert pipe-read
show
check_eq "it is out" "$(pipes zero)" 0
kill $pid
wait $pid
unload_core
