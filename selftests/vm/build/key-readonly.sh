#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Changed code tests a static key of vmlinux that is __ro_after_init. Registering a jump label of it would
# write to read-only memory while the patch loads, and panic the machine.
# kernels: 6.1
# bundles: key-readonly
. /test/lib.sh
said() { dmesg | grep -c "37 bytes are looked at"; }
load_core
check_eq "unpatched: it says nothing" "$(hostname "$(printf %037d 0)"; said)" 0
check "applied" klp-apply load /bundles/key-readonly.klp
check_eq "it runs, and the key is off" "$(hostname "$(printf %037d 0)"; said)" 1
check "reverted" klp-apply revert key-readonly
check_eq "unpatched" "$(hostname "$(printf %037d 0)"; said)" 1
unload_core
