#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One cumulative patch out of a series of commits, of which one was refused: the others' changes are in
# force together, take over from a patch of one of them, and go again.
# kernels: 6.1
# bundles: series-few pipe-read
# progs: ask pipes
# timeout: 180
. /test/lib.sh
load_core
check_eq "unpatched: reading nothing" "$(pipes zero)" 0
check_eq "unpatched: the groups" "$(ask groups 110000000000000)" EFAULT
check "a patch of one of the commits goes in" klp-apply load /bundles/pipe-read.klp
check_eq "it is in force" "$(pipes zero)" EINVAL
check "the series takes over" klp-apply load /bundles/series-few.klp
check_eq "the first commit is in force" "$(ask groups 110000000000000)" 3
check_eq "the last one, too" "$(pipes zero)" EINVAL
check_eq "its state" "$(attr patches/qp_series_few/state)" applied
check "it goes" klp-apply revert series-few
check_eq "with it the first commit" "$(ask groups 110000000000000)" EFAULT
check_eq "what was before it is in force" "$(pipes zero)" EINVAL
check "that goes, too" klp-apply revert pipe-read
check_eq "reverted" "$(pipes zero)" 0
unload_core
