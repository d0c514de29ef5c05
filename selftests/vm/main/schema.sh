#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What klp-apply prints with --json is what docs/schema/ says, in each of the ways in which a switch ends.
# kernels: 6.1 6.12
# bundles: pipe-read
# progs: pipes
# fixtures: schema
# timeout: 180
. /test/lib.sh
B=/bundles/pipe-read.klp
# says SCHEMA STATUS ARGUMENT...
says() {
	local name=$1 status=$2
	shift 2
	klp-apply --json "$@" > /tmp/json 2> /tmp/json.err
	check_eq "$*" $? "$status"
	check "is $name.json" /fixtures/schema/valid /fixtures/schema/$name.json < /tmp/json || { /fixtures/schema/valid /fixtures/schema/$name.json < /tmp/json; cat /tmp/json; }
}
says apply-status 0 status
says apply-list 0 list
says apply-check 3 check $B
says apply-settle 3 settle
says apply-blockers 3 blockers
load_core
mkfifo /tmp/fifo
says apply-blockers 2 blockers
says apply-info 0 info $B
says apply-check 0 check $B
says apply-load 0 load --verify-only $B
pipes wait /tmp/fifo & sleeper=$!
check "a task sleeps in pipe_read" wait_for 10 grep -q pipe_read /proc/$sleeper/stack
says apply-check 6 check --for 0.5 $B
says apply-load 7 load --timeout 1 --timeline /tmp/a.svg $B
check "with who was in the way" grep -q '"waits_in"' /tmp/json
klp-apply load --timeout 60 $B > /tmp/load.out 2>&1 & loader=$!
under_way() { klp-apply blockers | grep -q pipes; }
check "a switch is under way" wait_for 20 under_way
says apply-blockers 0 blockers
says apply-status 0 status
check "with the transition" grep -q '"driven": true' /tmp/json
kill -9 $loader
wait $loader 2>/dev/null
says apply-status 6 status
says apply-revert 0 revert pipe-read
says apply-load 0 load --timeout 1 --stragglers leave $B
check "with who was left" grep -q '"runs": "old"' /tmp/json
says apply-status 0 status
says apply-list 0 list
echo x > /tmp/fifo
wait $sleeper
says apply-load 2 load $B
says apply-settle 0 settle off
says apply-check 0 check $B
says apply-revert 0 revert --consistency strict pipe-read
says apply-load 0 load --consistency strict --max-pause 60000 $B
says apply-revert 0 revert --timeline /tmp/b.svg pipe-read
says apply-revert 2 resume
says apply-revert 3 revert pipe-read
says apply-revert 2 revert --all
says apply-trust 0 trust
says apply-withdraw 0 withdraw pipe-read 1 "a test"
says apply-load 4 load $B
says apply-history 0 history
says error 64 bogus
# The validator can fail.
check_not "another command's reply isn't this one's" /fixtures/schema/valid /fixtures/schema/apply-load.json < /tmp/json
unload_core
