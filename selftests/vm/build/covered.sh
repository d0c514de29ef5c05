#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The files of an update whose CVEs a survey called covered, as one cumulative patch of hundreds of functions: it switches
# under load, settles, its functions in modules join when these come and go with them, and it is reverted, three times.
# only-full: its bundle takes 20 minutes to build
# debug: no, it is built without most of the files
# kernels: 6.1
# bundles: update-covered
# fixtures: rock-ridge
# kmods: isofs loop fuse udf exfat btrfs nfsd sctp tipc openvswitch geneve rbd
# progs: load pipes
# memory: 1024
# timeout: 900
. /test/lib.sh
dir=/sys/kernel/quietpatch/patches/qp_update_covered
modules="isofs fuse udf exfat btrfs nfsd sctp tipc openvswitch geneve rbd"
mkdir -p /mnt
link() {
	mount -t iso9660 -o ro,loop /fixtures/rock-ridge/bad.iso /mnt || { echo "no mount"; return; }
	if readlink /mnt/link > /dev/null; then echo read; else echo refused; fi
	umount /mnt
}
# Functions that are in the kernel now, and those of them that are called without the handler.
present() { grep -lE '^(ops|direct)$' $dir/functions/*/mode 2> /dev/null | wc -l; }
direct() { grep -l '^direct$' $dir/functions/*/mode 2> /dev/null | wc -l; }
settled() { [ "$(direct)" -gt 0 ] && [ "$(direct)" = "$(present)" ]; }
load_core
need "loop" modprobe loop
need "isofs" modprobe isofs
load 6 > /tmp/load.out & pid=$!
for round in 1 2 3; do
	check "it goes in" klp-apply load --timeout 120 /bundles/update-covered.klp
	before=$(present)
	say "$(ls $dir/functions | wc -l) functions, $before of what is loaded"
	check "hundreds of them" [ "$(ls $dir/functions | wc -l)" -gt 150 ]
	check "all that are there settle" wait_for 240 settled
	check_eq "one of them is the new one" "$(link)" refused
	for m in $modules; do modprobe $m || fail "modprobe $m"; done
	check "those of modules that come join" [ "$(present)" -gt "$before" ]
	say "$(present) with the modules"
	check "and settle" wait_for 240 settled
	for m in geneve openvswitch exfat udf; do check "$m goes" rmmod $m; done
	check "it is reverted" klp-apply revert --timeout 120 update-covered
	check_eq "and its function with it" "$(link)" read
done
check "the workers are still at work" kill $pid
wait $pid
say "$(cat /tmp/load.out)"
unload_core
