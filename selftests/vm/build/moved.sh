#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A function moves to another file. A unit that the fix doesn't touch has its address, so the old
# body has to lead to the new one: from the load on, while it is settled, and no more afterwards.
# kernels: 6.1 6.12
# bundles: setgroups-moved
# debug: no, it has no user namespaces, which is what the patch is of
. /test/lib.sh
load_core
show() { cat /proc/self/setgroups; }
check_eq "unpatched" "$(show)" allow
exec 3< /proc/self/setgroups
check "applied" klp-apply load /bundles/setgroups-moved.klp
check_eq "the old place leads to the new one" "$(show)" "allow, moved"
check_eq "for a file that was opened before, too" "$(cat <&3)" "allow, moved"
exec 3<&-
wait_for 10 sh -c 'klp-apply status | grep -q settled'
check_eq "settled" "$(show)" "allow, moved"
check "revert" klp-apply revert setgroups-moved
check_eq "reverted" "$(show)" allow
unload_core
