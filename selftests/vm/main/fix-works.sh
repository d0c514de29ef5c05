#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The demo's fix changes what the running kernel does, for every task exactly
# once a transition, and its revert gives the old behaviour back.
# kernels: 6.1
# bundles: sockmap-max-entries
# progs: mapcreate load
# timeout: 180
. /test/lib.sh
load_core
check_eq "unpatched: the huge map is tried" "$(mapcreate)" ENOMEM
load 8 > /tmp/load.out & pid=$!
sleep 1
check "the patch is applied under load" klp-apply load /bundles/sockmap-max-entries.klp
show
check_eq "patched: the huge map is refused" "$(mapcreate)" EINVAL
run klp-apply status
check_out "status names the function" "sock_map_alloc"
run klp-apply status --json
check_out "status --json names the patch" '"sockmap-max-entries"'
check "the patch is reverted under load" klp-apply revert sockmap-max-entries
show
check_eq "reverted: the huge map is tried" "$(mapcreate)" ENOMEM
kill $pid; wait $pid
say "$(cat /tmp/load.out)"
check "all workers saw both answers" grep -Eq 'enomem=[1-9][0-9]* einval=[1-9][0-9]* created=0 other=0' /tmp/load.out
check "no worker's answer changed but at the two switches" grep -Eq 'flips=[12]$' /tmp/load.out
run klp-apply status
check_not_out "status is empty again" "sock_map_alloc"
