#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The publisher withdraws a patch: the next run takes it out of the running kernel, and it is never taken again; a halt keeps
# new ones out, and leaves alone what is in.
# kernels: 6.1
# bundles: pipe-read
# progs: pipes
# publisher: yes
# timeout: 180
. /test/lib.sh
publisher() { klp-repo "$@" --repo /srv/repo --key /test/key.pem; }
load_core
need "a repository" repo_init /srv/repo /test/key.pem
printf 'source = /srv/repo\nwatch = 0\n' > /etc/quietpatch/update.conf
need "a halt" publisher halt --reason "we look into it"
need "publish" publisher publish --rollout now /bundles/pipe-read.klp
check_rc "halted: nothing new" 5 klp-update update
check_out "and it says why" "halted all new patches: we look into it"
check_eq "the old code runs" "$(pipes zero)" 0
need "resume" publisher resume
check_rc "resumed: it is taken" 0 klp-update update
check_eq "the new code runs" "$(pipes zero)" EINVAL
need "another halt" publisher halt --reason "we look into it"
check_rc "what is in stays in" 2 klp-update update
check_eq "the new code still runs" "$(pipes zero)" EINVAL
need "withdraw" publisher withdraw --release 1 --reason "it leaks" pipe-read
check_rc "withdrawn: it is taken out" 7 klp-update update
check_out "and it says why" "withdrawn by the publisher: it leaks"
check_eq "the old code runs again" "$(pipes zero)" 0
run klp-apply status
check_not_out "klp-apply has nothing" "pipe-read"
need "resume" publisher resume
check_rc "it isn't taken again" 2 klp-update update
check_rc "retry doesn't promise that it is" 2 klp-update retry pipe-read
check_out "and says why" "its publisher has withdrawn it, and it isn't tried again: it leaks"
mkdir -p /srv/patches
cp /bundles/pipe-read.klp /srv/patches/
check_rc "from another source neither" 7 klp-update update --source /srv/patches
check_rc "nor by hand" 4 klp-apply load /bundles/pipe-read.klp
check_out "which says why" "release 1 was withdrawn: by the publisher"
check_rc "status says so" 7 klp-update status
check_out "with the reason" "withdrawn by the publisher: it leaks"
check_eq "the old code runs" "$(pipes zero)" 0
unload_core
