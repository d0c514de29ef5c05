#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hold stops what is new, for all or by name, until its time or unhold; status
# tells why and which CVEs stay open meanwhile.
# kernels: 6.1 6.12
# bundles: pipe-read-v2
# progs: pipes
# timeout: 180
. /test/lib.sh
load_core
mkdir -p /srv/patches
cp /bundles/pipe-read-v2.klp /srv/patches/
update() { klp-update update --set watch=0; }

check "hold everything" klp-update hold --reason "release week" --until 2h
check_rc "update is held" 5 update
check_out "and says so" "waiting +pipe-read 2: updates are held: release week"
check_eq "nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "
run klp-update status
show
check_out "status: the hold, why, until when" "^held +everything new: release week, until [0-9]"
check_out "status: what waits" "^waiting +pipe-read 2: updates are held"
check_out "status: which CVE stays open" "open meanwhile: CVE-2026-99999"
check_rc "cve: it is open" 1 klp-update cve CVE-2026-99999
check_rc "a time in the past is refused" 64 klp-update hold --until 2020-01-01

check "hold that one by name, too" klp-update hold pipe-read --reason "breaks our app"
check "unhold all" klp-update unhold
check_rc "its own hold stands" 5 update
check_out "and is named" "waiting +pipe-read 2: it is held: breaks our app"
check_eq "nothing changed" "$(pipes zero)" 0
check "unhold it" klp-update unhold pipe-read
check_rc "there is nothing more to release" 2 klp-update unhold pipe-read
check_rc "apply = no: it tells, and leaves it" 5 klp-update update --set apply=no
check_eq "nothing changed" "$(pipes zero)" 0
check_rc "check offers it" 0 klp-update check
check_rc "now it goes in" 0 update
check_eq "the new code runs" "$(pipes zero)" "Bad file descriptor"
check_rc "cve: it is fixed" 0 klp-update cve CVE-2026-99999
show
check_rc "cve: one that no patch names" 3 klp-update cve CVE-2026-99998
run klp-update history
show
check_out "history has the hold" "held .*release week"
check_out "history has its end" "unheld +pipe-read"
