#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A bundle names the patches that it requires; several bundles are loaded in that order; a later release takes the
# place of the earlier one.
# kernels: 6.1 6.12
# bundles: pipe-read pipe-read-v2 needs-pipe-read
# progs: pipes
# timeout: 240
. /test/lib.sh
load() { klp-apply load "$@"; }
needs=/bundles/needs-pipe-read.klp
load_core
run klp-apply check $needs
check_out "check tells of it" "requires patch pipe-read 2"
check_rc "without it: refused" 3 load $needs
check_out "and it is named" "requires patch pipe-read, release 2 or later"
check "nothing of it stays" sh -c '! grep -q needs /proc/modules'
check "release 1" load /bundles/pipe-read.klp
check_rc "an earlier release doesn't do" 3 load $needs
check_out "and that is said" "an earlier release is"
check "both, in the wrong order" load $needs /bundles/pipe-read-v2.klp
show
check_out "the later one has taken the place of the earlier" "taken the place of release 1"
check_eq "it runs" "$(pipes zero)" "Bad file descriptor"
check_eq "one pipe-read is left" "$(klp-apply list | grep -c '^pipe-read')" 1
check "the earlier one's module is gone" sh -c '! grep -q "^qp_pipe_read " /proc/modules'
check_rc "back to release 1: not like this" 1 load /bundles/pipe-read.klp
check_out "and the way is told" "release 2 is applied.*klp-apply revert pipe-read"
check_rc "what is required is held" 1 klp-apply revert pipe-read
check_out "by whom is told" "qp_needs_pipe_read requires it"
check_eq "it still runs" "$(pipes zero)" "Bad file descriptor"
check "all, the latest first" klp-apply revert --all
check_eq "the original" "$(pipes zero)" 0
# As from a USB stick: klp-apply remembers by itself.
check_rc "an earlier release doesn't come back" 4 load /bundles/pipe-read.klp
check_out "and the way is told" "this machine has had release 2.*--allow older"
check "unless it is said" load --allow older /bundles/pipe-read.klp
check "revert" klp-apply revert pipe-read
check "withdrawn" klp-apply withdraw pipe-read 2 "it breaks pipes"
check_rc "what was withdrawn isn't loaded" 4 load /bundles/pipe-read-v2.klp
check_out "and why is told" "release 2 was withdrawn: it breaks pipes"
run klp-apply history
check_out "the history has what was done" "load pipe-read 1: done \(user 0"
check_out "and what was refused, and why" "load pipe-read 2: refused .*it breaks pipes"
unload_core
