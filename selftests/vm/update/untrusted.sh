#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Foreign-signed, unsigned and damaged bundles in the folder are refused and
# recorded; a good one beside them is applied all the same.
# kernels: 6.1
# bundles: pipe-read pipe-read@foreign pipe-read@unsigned
# progs: pipes
# timeout: 180
. /test/lib.sh
load_core
mkdir -p /srv/patches
update() { klp-update update --set watch=0; }
nothing_changed() { check_eq "$1: nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "; }

for how in foreign unsigned; do
	cp "/bundles/pipe-read.$how.klp" /srv/patches/
	check_rc "$how: exit 4" 4 update
	show
	check_out "$how: the file is named" "refused +pipe-read.$how.klp"
	nothing_changed "$how"
	rm /srv/patches/*
done
head -c 1000 /bundles/pipe-read.klp > /srv/patches/half.klp
check_rc "a file that is being copied still isn't taken" 1 klp-update update
check_out "and is named" "refused +half.klp"
nothing_changed "half a file"
check_rc "check says the same" 1 klp-update check

cp /bundles/pipe-read.klp /bundles/pipe-read.foreign.klp /srv/patches/
rm /srv/patches/half.klp
check_rc "beside a foreign one: the exit status still tells of it" 4 update
check_eq "but the good one is applied" "$(pipes zero)" EINVAL
run klp-update history
show
check_out "history has the refusals" "refused +pipe-read.foreign.klp"
check "revert" klp-apply revert pipe-read

rm /etc/quietpatch/keys/*.pub
check_rc "without a key nothing is trusted" 4 update
show
check_out "and the remedy is told" "\.pub"
check_rc "doctor says so" 1 klp-update doctor
check_out "with what to do" "BAD +keys"
nothing_changed "no key"
