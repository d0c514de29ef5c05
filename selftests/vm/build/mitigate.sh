#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A mitigation is made without any diff: the function refuses, attempts are counted and told, it ends by
# itself, and the real fix takes over from it in one transition.
# kernels: 6.1 6.12
# bundles: pipe-refuses pipe-read-v2 sockmap-refuses
# progs: pipes mapcreate
# timeout: 180
. /test/lib.sh
load_core
check_eq "before: the call works" "$(pipes zero)" 0
check "the mitigation goes in" klp-apply load /bundles/pipe-refuses.klp
check_eq "the function refuses" "$(pipes zero)" "Operation not permitted"
check_eq "each time" "$(pipes zero)" "Operation not permitted"
run klp-apply status
show
check_out "what it is, and until when" "Mitigation, not a fix: pipe_read\(\) refuses until 20"
check_out "attempts are counted" "^    2 attempts at what it forbids"
run klp-apply status --json
check_out "for programs, too" '"tripped": 2'
check "and told in the log, with who it was" has_log "quietpatch: qp_pipe_read: pipe_read was tried by pipes \(pid [0-9]+, uid 0\)"
check "what --when leaves out works on" sh -c 'echo x | cat | grep -q x'

# Its time is over: the function is as it was.
then=$(date +%s)
need "a year goes by" date -s @$((then + 400 * 86400))
check_eq "after its time the call works again" "$(pipes zero)" 0
need "back" date -s @$then
check_eq "before it, it refuses" "$(pipes zero)" "Operation not permitted"

check "the fix takes over" klp-apply load /bundles/pipe-read-v2.klp
show
check_eq "it is in force" "$(pipes zero)" "Bad file descriptor"
run klp-apply list
check_eq "and the mitigation has gone, in that one transition" "$(grep -c pipe-read "$OUT")" 1
check_not "its module, too" loaded qp_pipe_read
check "revert the fix" klp-apply revert pipe-read
check_eq "nothing is left of either" "$(pipes zero)" 0

before=$(mapcreate)
check "the mitigation of a CVE's function" klp-apply load /bundles/sockmap-refuses.klp
check_eq "refuses" "$(mapcreate)" "errno 13 (Permission denied)"
check "revert" klp-apply revert sockmap-refuses
check_eq "and is gone" "$(mapcreate)" "$before"
unload_core
