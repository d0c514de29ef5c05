#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The background takes a mitigation, and says "mitigated", not "fixed"; when its time is over, it says so; its fix takes
# its place in one transition, and it doesn't come back.
# kernels: 6.1 6.12
# bundles: pipe-stopped pipe-fixed
# progs: pipes
# timeout: 240
. /test/lib.sh
load_core
mkdir -p /srv/patches
update() { klp-update update --set watch=0; }
cp /bundles/pipe-stopped.klp /srv/patches/
check_rc "the mitigation is taken" 0 update
check_eq "it refuses" "$(pipes zero)" "Operation not permitted"
check_rc "there is nothing more to do" 0 klp-update status
show
check_out "mitigated, not protected" "^mitigated: pipe-stopped refuses until 20[0-9-]+ .*isn't fixed"
check_out "the patch, too" "^patch +pipe-stopped 1: mitigated until 20"
check_not_out "nothing is called fixed" "fixes CVE"
check_rc "its CVE isn't fixed" 1 klp-update cve CVE-2026-99999
check_out "but mitigated" "^CVE-2026-99999 +mitigated, not fixed, by pipe-stopped 1"
check "for everybody, too" grep -q '"protection": "mitigated"' /run/quietpatch/status.json
run klp-apply status
check_out "klp-apply says the same" "^    mitigated, not fixed, until 20"
check_not_out "and claims no fix" "fixes CVE"

then=$(date +%s)
need "a year goes by" date -s @$((then + 400 * 86400))
check_rc "its time is over: not protected" 6 klp-update status
check_out "and why" "^not protected: pipe-stopped: a mitigation that expired on 20"
check_out "the patch, too" "^patch +pipe-stopped 1: mitigation, expired on 20"
check_rc "the CVE is open" 1 klp-update cve CVE-2026-99999
check_out "and called that" "^CVE-2026-99999 +vulnerable"
run klp-apply status
check_out "klp-apply says the same" "^    expired on 20"
need "back" date -s @$then

# From here on somebody asks all the time, in ever new processes.
(while [ ! -e /tmp/stop ]; do pipes zero; done) > /tmp/answers & asker=$!
need "it is asked" wait_for 20 grep -q permitted /tmp/answers
cp /bundles/pipe-fixed.klp /srv/patches/
check_rc "its fix is taken" 0 update
show
check_eq "the fix runs" "$(pipes zero)" "Bad file descriptor"
need "it is asked" wait_for 20 grep -q descriptor /tmp/answers
touch /tmp/stop
wait $asker
say "answers: $(sort /tmp/answers | uniq -c | tr '\n' ' ')"
check_eq "at no moment was neither in force" "$(grep -c '^0$' /tmp/answers)" 0
check_not "the mitigation's module has gone" loaded qp_pipe_stopped
check_eq "the core knows whose fix it is" "$(attr patches/qp_pipe_fixed/mitigates)" "pipe-stopped 1"
run klp-update status
show
check_out "protected" "^protected:"
check_not_out "the mitigation isn't listed" "^patch +pipe-stopped"
check_rc "its CVE is fixed" 0 klp-update cve CVE-2026-99999
check_rc "the mitigation is still offered, and left alone" 2 update
check_not "it isn't loaded" loaded qp_pipe_stopped
check_not "nor can it be by hand" klp-apply load /bundles/pipe-stopped.klp
show
check_out "and why" "pipe-stopped is a mitigation whose fix is applied: pipe-fixed"
check_eq "the fix runs on" "$(pipes zero)" "Bad file descriptor"

check "revert by hand" klp-apply revert pipe-fixed
check_eq "nothing is left of either" "$(pipes zero)" 0
check "the fix alone goes in, too" klp-apply load /bundles/pipe-fixed.klp
check "and out" klp-apply revert pipe-fixed
unload_core
