#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# User accesses with their fix-ups, a static local, a once-variable and a warning in patched
# code.  On 6.12 the bound of access_ok() is a constant that is patched into the kernel at
# boot: in a patch it has to be right as well.
# kernels: 6.1 6.12 7.3
# bundles: groups-access
# progs: ask
. /test/lib.sh
load_core
# The caller makes EFAULT of every error, so the patch answers "fine" where it refuses.
# Beyond the users' half, with five levels of page tables too, and below the placeholder 0x0123456789abcdef.
beyond=110000000000000
check_eq "unpatched: the groups" "$(ask groups)" 60
check_eq "unpatched: an address beyond users'" "$(ask groups $beyond)" EFAULT
check "applied" klp-apply load /bundles/groups-access.klp
check_eq "patched: the bound is right" "$(ask groups $beyond)" 3
check_eq "patched: a kernel's address" "$(ask groups ffff888000000000)" 3
check_eq "patched: first call counted" "$(ask groups)" 60
check_eq "patched: a fault in the patch's code is fixed up" "$(ask groups 40)" EFAULT
check_eq "patched: the static local counts" "$(ask groups)" 0
check_eq "patched: fourth call" "$(ask groups)" 60
check_eq "patched: once is once" "$(dmesg | grep -c 'quietpatch: seen once')" 1
check "revert" klp-apply revert groups-access
check_eq "reverted" "$(ask groups $beyond)" EFAULT
check_eq "reverted: the groups" "$(ask groups)" 60
unload_core
