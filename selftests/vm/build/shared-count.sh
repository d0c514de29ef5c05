#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One patch over vmlinux and a module: a variable and an export that are new, which both
# use, and a static key of the kernel that is switched while the patch is in.
# kernels: 6.1 6.12
# bundles: shared-count
# kmods: dummy
. /test/lib.sh
shown() { sed -n 's/^shown\t//p' /proc/filesystems; }
delays() { grep -c '^delays' /proc/filesystems; }
# a dummy device is refused while the count is odd
device() { ip link add qp0 type dummy 2> /tmp/ip.err && ip link del qp0; }
load_core
need "the module" modprobe dummy
need "the key is off" sysctl -q -w kernel.task_delayacct=0
check_eq "unpatched" "$(shown)" ""
check "unpatched: a device" device
check "applied" klp-apply load /bundles/shared-count.klp
check_eq "patched: counts" "$(shown)" 1
check_not "the module sees vmlinux's count: odd" device
check_eq "patched: counts on" "$(shown)" 2
check "the module sees it: even" device
check_eq "the key is off in the patch" "$(delays)" 0
need "switch the key on" sysctl -q -w kernel.task_delayacct=1
check_eq "the key is on in the patch" "$(delays)" 1
need "switch the key off" sysctl -q -w kernel.task_delayacct=0
check_eq "the key is off again" "$(delays)" 0
check "revert" klp-apply revert shared-count
check_eq "reverted" "$(shown)" ""
check "reverted: a device" device
unload_core
