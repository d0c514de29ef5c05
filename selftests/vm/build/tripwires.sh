#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a fix refuses from now on is counted, without its author's doing: each shape of a refusal that
# is added, and nothing else; told in the log with who it was, not too often, and in the background, too.
# kernels: 6.1 6.12
# bundles: pipe-counted
# progs: asuser
# timeout: 240
. /test/lib.sh
load_core
tripped() { cat /sys/module/qp_pipe_counted/parameters/tripped; }
# try N: a read of N bytes from a pipe
try() { echo 0123456789 | dd bs=$1 count=1 2>&1 > /dev/null; }
mkdir -p /srv/patches
cp /bundles/pipe-counted.klp /srv/patches/
check_rc "the background takes it" 0 klp-update update --set watch=0
check_eq "nobody has tried" "$(tripped)" 0
try 3
check_eq "what is allowed isn't counted" "$(tripped)" 0
run try 7
check_out "one that returns is refused" "Invalid argument"
check_eq "and counted" "$(tripped)" 1
run try 11
check_out "one in braces behind an else" "Bad file descriptor"
check_eq "and counted, once" "$(tripped)" 2
run try 13
check_out "one that goes to an error exit" "Operation not permitted"
check_eq "and counted" "$(tripped)" 3
run try 17
check_out "no memory: refused" "memory"
check_eq "but that is no attempt" "$(tripped)" 3
check "told, with who it was" wait_for 5 has_log "quietpatch: qp_pipe_counted: (anon_)?pipe_read was tried by dd \(pid [0-9]+, uid 0\)"
echo 0123456789 | asuser 1000 dd bs=7 count=1 > /dev/null 2>&1
check_eq "an ordinary user's counts" "$(tripped)" 4
check "and has its number" wait_for 5 has_log "pipe_read was tried by dd \(pid [0-9]+, uid 1000\)"
n=0
while [ $n -lt 40 ]; do try 7; n=$((n + 1)); done > /dev/null
check_eq "all are counted" "$(tripped)" 44
check "not all are told" [ "$(dmesg | grep -c 'was tried by')" -lt 40 ]
run klp-apply status
show
check_out "klp-apply has the count" "^    44 attempts at what it forbids"
run klp-update status
show
check_out "klp-update, too" "^ +44 attempts at what it forbids"
run klp-update status --json
check_out "for programs" '"tripped": 44'
check_rc "the next run of the background" 2 klp-update update --set watch=0
run klp-update history
show
check_out "remembers them" "attempted +pipe-counted 1: 44 attempts at what it forbids, 44 of them new"
check_not "others don't see the count" asuser 1000 cat /sys/module/qp_pipe_counted/parameters/tripped
check "revert" klp-apply revert pipe-counted
check_eq "the reads are back" "$(try 7 | grep -c 'Invalid')" 0
unload_core
