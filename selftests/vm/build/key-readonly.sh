#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Changed code tests a static key of vmlinux that is __ro_after_init. Registering a jump label of it would
# write to read-only memory while the patch loads, and panic the machine. It also borrows _stext, whose
# address has an earlier name in kallsyms.
# kernels: 6.1
# bundles: key-readonly
. /test/lib.sh
said() { dmesg | grep -c "59 bytes are looked at"; }
name() { hostname "$(printf %059d 0)"; }
load_core
name
check_eq "unpatched: it says nothing" "$(said)" 0
check "applied" klp-apply load /bundles/key-readonly.klp
name
check "it runs, and the key is off" [ "$(said)" -gt 0 ]
check "reverted" klp-apply revert key-readonly
was=$(said)
name
check_eq "unpatched" "$(said)" "$was"
unload_core
