#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A changed function without an ftrace site, to which its callers jump: they are replaced for it, and aren't on the
# stack of who sleeps in it. The old body is affected code all the same, and so is the new one on the way back.
# bundles: syscall-body
# progs: uringwait
. /test/lib.sh
load_core
asleep() { grep -q io_uring_enter /proc/$s/stack; }
check_eq "unpatched: EINVAL" "$(uringwait)" 22
uringwait wait & s=$!
check "one sleeps in the body" wait_for 10 asleep
check_rc "the switch waits for it, and gives up" 7 klp-apply load --kick never --timeout 2 /bundles/syscall-body.klp
show
check_out "it is named" "uringwait"
check_out "and where it is" "__do_sys_io_uring_enter"
check_eq "the old code runs" "$(uringwait)" 22
kill $s; wait $s 2> /dev/null
check "without it the patch goes in" klp-apply load --timeout 30 /bundles/syscall-body.klp
check_eq "patched: EXDEV" "$(uringwait)" 18
uringwait wait & s=$!
check "one sleeps in the new body" wait_for 10 asleep
check_rc "the way back waits for it" 7 klp-apply revert --kick never --timeout 2 syscall-body
check_eq "still patched" "$(uringwait)" 18
kill $s; wait $s 2> /dev/null
check "reverted" klp-apply revert --timeout 30 syscall-body
check_eq "unpatched again" "$(uringwait)" 22
unload_core
