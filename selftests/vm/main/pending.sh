#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A patch whose module isn't loaded says what it waits for, by name, everywhere: at load, in status, in the background;
# and no more once the module is there.
# kernels: 6.1 6.12
# bundles: module-data pipe-read
# kmods: bonding rds rds_tcp
# timeout: 240
. /test/lib.sh
load_core
B=/bundles/module-data.klp
check "in vmlinux nothing waits" klp-apply load /bundles/pipe-read.klp
check_not_out "and nothing is said" "pending"
check "revert" klp-apply revert pipe-read

check "check: it waits for both" klp-apply check $B
check_out "the one" "pending: waits for module bonding"
check_out "and the other" "pending: waits for module rds"
check "load without the modules" klp-apply load --json $B
show
check_out "is pending" '"outcome": "pending"'
check_out "for one" '"bonding"'
check_out "and the other" '"rds"'
run klp-apply status
show
check_out "status names them" "^    pending: waits for module (bonding, rds|rds, bonding); nothing of it is in force until then"
run klp-apply status --json
check_out "for programs, too" '"nothing_in_force": true'

need "the one comes" modprobe bonding
run klp-apply status
check_out "the other is waited for" "^    pending: waits for module rds$"
need "the other comes" modprobe rds
run klp-apply status
check_not_out "nothing is waited for" "pending"
need "it goes" rmmod rds
run klp-apply status
check_out "and is waited for again" "^    pending: waits for module rds$"
check "revert" klp-apply revert module-data

check "load with one of them" klp-apply load $B
check_out "says what it lacks" "^module-data: pending: waits for module rds\.$"
check "revert" klp-apply revert module-data

mkdir -p /srv/patches
cp $B /srv/patches/
check_rc "in the background" 0 klp-update update --set watch=0
run klp-update status
show
check_out "status says it" "^patch +module-data 1: applied, pending: waits for module rds$"
check_not_out "on a screen of 80 columns" "^.{81}"
run klp-update status --json
check_out "for programs, too" '"pending": \['
run klp-update history
check_out "the history, too" "applied +module-data 1: .*pending: waits for module rds"
check "everybody may know" grep -q '"module": "qp_module_data"' /run/quietpatch/status.json
need "it comes" modprobe rds
run klp-update status
check_out "applied, and no more" "^patch +module-data 1: applied \("
check "revert" klp-apply revert module-data
unload_core
