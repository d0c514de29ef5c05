#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A patch hands out a table of its own, which holds nothing but the kernel's functions: a file that was
# opened then keeps it. The patch can't be taken out again under that file.
# kernels: 6.1 6.12
# bundles: table-kept
# debug: no, it has no user namespaces, which is what the patch is of
. /test/lib.sh
load_core
check "applied" klp-apply load /bundles/table-kept.klp
exec 3< /proc/self/setgroups
check_not "the revert is refused" klp-apply revert table-kept
check_eq "the file that was opened works on" "$(cat <&3)" allow
check_eq "and others do" "$(cat /proc/self/setgroups)" allow
exec 3<&-
