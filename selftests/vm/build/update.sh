#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One cumulative patch out of the difference of two source packages: its functions, of vmlinux and
# of modules that come later, take over from a patch of one of them, and go again.
# debug: no, it is built without most of the files
# kernels: 6.1
# bundles: update-few isofs-rock-sl-bounds
# fixtures: rock-ridge
# kmods: isofs loop
# timeout: 240
. /test/lib.sh
mkdir -p /mnt
# link: "read" if the kernel reads a malformed link behind its record, "refused" if not.
link() {
	mount -t iso9660 -o ro,loop /fixtures/rock-ridge/bad.iso /mnt || { echo "no mount"; return; }
	if readlink /mnt/link > /dev/null; then echo read; else echo refused; fi
	umount /mnt
}
load_core
need "loop" modprobe loop
need "isofs" modprobe isofs
check_eq "unpatched" "$(link)" read
check "the update goes in" klp-apply load /bundles/update-few.klp
check_eq "its function in a module is the new one" "$(link)" refused
check "it has one in vmlinux" test -d /sys/kernel/quietpatch/patches/qp_update_few/functions/vmlinux,sock_map_sk_state_allowed
check "it goes" klp-apply revert update-few
check_eq "with it its function" "$(link)" read

check "a patch of one of the functions goes in" klp-apply load /bundles/isofs-rock-sl-bounds.klp
check "the update takes over" klp-apply load /bundles/update-few.klp
check_eq "its state" "$(attr patches/qp_update_few/state)" applied
check_not "the first can't go from beneath" klp-apply revert isofs-rock-sl-bounds
need "the module goes" rmmod isofs
need "and comes again" modprobe isofs
check_eq "with the new function" "$(link)" refused
check "the update goes" klp-apply revert update-few
check_eq "what was before it is in force" "$(link)" refused
check "the first goes" klp-apply revert isofs-rock-sl-bounds
check_eq "reverted" "$(link)" read
