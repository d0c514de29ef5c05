#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A fix in a module works whether the module is loaded before the patch or
# after it, and across the module's unloading and loading again.
# kernels: 6.1
# bundles: isofs-rock-sl-bounds
# kmods: isofs loop
# fixtures: rock-ridge
# timeout: 180
. /test/lib.sh
ISO=/fixtures/rock-ridge/bad.iso
mkdir -p /mnt
# length: of the malformed link's target; "refused" where the kernel won't read it.
length() {
	mount -t iso9660 -o ro,loop $ISO /mnt || { echo "no mount"; return; }
	if target=$(readlink /mnt/link); then echo ${#target}; else echo refused; fi
	umount /mnt
}
load_core
need "loop" modprobe loop

need "isofs" modprobe isofs
old=$(length)
say "unpatched: the link of 9 characters has $old"
check "unpatched: the kernel reads behind the record" test "$old" -gt 9
check "applied with the module loaded" klp-apply load /bundles/isofs-rock-sl-bounds.klp
check_eq "patched: refused" "$(length)" refused
check "revert" klp-apply revert isofs-rock-sl-bounds
check_eq "reverted" "$(length)" "$old"

need "without isofs" rmmod isofs
check "applied without the module" klp-apply load /bundles/isofs-rock-sl-bounds.klp
need "isofs comes" modprobe isofs
check_eq "patched on arrival: refused" "$(length)" refused
check "the patched module unloads" rmmod isofs
need "and comes back" modprobe isofs
check_eq "patched again: refused" "$(length)" refused
check "revert" klp-apply revert isofs-rock-sl-bounds
check_eq "reverted" "$(length)" "$old"
check "isofs unloads" rmmod isofs
unload_core
