#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A bundle that arrives in the folder is found, verified, applied and watched with
# nobody's help; status and history tell of it, and doctor finds nothing wrong.
# kernels: 6.1 6.12
# bundles: pipe-read
# progs: pipes
# timeout: 240
. /test/lib.sh
load_core
mkdir -p /srv/patches
check_rc "doctor: a run would work" 0 klp-update doctor
show
check_rc "check: an empty folder has nothing" 2 klp-update check
check_rc "update: nothing to do" 2 klp-update update
run klp-update status
check_out "status: no patch" "^patch +none"
check_out "status: the source was looked at" "^source +/srv/patches, last look: [0-9]"

# As the systemd timer does it.
(while sleep 1; do klp-update update --set watch=2 --wait > /tmp/update.out 2>&1; done) & timer=$!
cp /bundles/pipe-read.klp /srv/patches/.part && mv /srv/patches/.part /srv/patches/pipe-read.klp
fixed() { [ "$(pipes zero)" = EINVAL ]; }
check "the fix is in the kernel by itself" wait_for 60 fixed
good() { klp-update history > "$OUT" && grep -q " good " "$OUT"; }
check "and counts as good after its watch" wait_for 60 good
kill $timer
show
check_out "history: applied, with tasks and time" "applied +pipe-read 1: [0-9]+ tasks switched in [0-9.]+ ms"
check_eq "history: applied once" "$(grep -c ' applied ' "$OUT")" 1
# A run may be at its end still.
check "no run is left" wait_for 30 sh -c '! pidof klp-update'

check_rc "the next run has nothing to do" 2 klp-update update
check_rc "check says so too" 2 klp-update check
check_out "with the reason" "applied +pipe-read 1"
run klp-update status
show
check_out "status: applied" "^patch +pipe-read 1: applied \("
check_out "status: the function, with file and line" "pipe_read +vmlinux fs/pipe.c:[0-9]+"
run klp-update status --json
check_out "status --json: its state" '"state": "good"'
check_out "status --json: the kernel" "\"release\": \"$(uname -r | sed 's/[.+]/\\&/g')\""
run klp-update history --json
check_out "history --json: the event" '"event": "applied"'

# The patch is taken out behind klp-update's back: it says so, and leaves it.
check "revert by hand" klp-apply revert pipe-read
run klp-update status
check_out "status holds its memory against the kernel" "gone: reverted by somebody else"
check_rc "what somebody took out isn't put back: that is a hold" 5 klp-update update --set watch=0
check_out "and history will say so" "reverted +pipe-read 1: taken out by hand"
check_rc "as will each run, and status" 5 klp-update status
check_eq "the old code runs" "$(pipes zero)" 0
check "it can be given back" klp-update retry pipe-read
check_rc "and the next run does" 0 klp-update update --set watch=0
check_eq "the new code runs" "$(pipes zero)" EINVAL
check "revert at last" klp-apply revert pipe-read
unload_core
