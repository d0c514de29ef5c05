#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What an author writes beyond plain C, in the fix's own source: callbacks, alone and with
# changed code, a state, a shadow variable.
# kernels: 6.1 6.12
# bundles: author-callback author-state
# modules: qp_victim qp_patch_sum
# kmods: dummy
# progs: qpdrive
. /test/lib.sh
limit() { cat /proc/sys/fs/nr_open; }
reads() { sed -n 's/^reads\t//p' /proc/filesystems; }
load_core
check_eq "the limit at first" "$(limit)" 1048576
check "a patch of a callback alone: looked at" klp-apply check /bundles/author-callback.klp
check "loaded" klp-apply load /bundles/author-callback.klp
check_eq "has lowered it" "$(limit)" 524288
check "reverted" klp-apply revert author-callback
check_eq "as it was" "$(limit)" 1048576
need "an administrator's choice" sysctl -q -w fs.nr_open=65536
check_not "the callback refuses" klp-apply load /bundles/author-callback.klp
check "the log says who" has_log "its pre-apply callback for vmlinux refuses"
check_eq "the choice stays" "$(limit)" 65536

check_eq "unpatched" "$(reads)" ""
check "a patch with a state and a shadow variable" klp-apply load /bundles/author-state.klp
check_eq "sysfs has the state" "$(attr patches/qp_author_state/states)" "0x7172 3"
check_eq "first read" "$(reads)" "1 0"
check_eq "second" "$(reads)" "2 0"
need "the victim" insmod /modules/qp_victim.ko
need "a cumulative patch without the state" insmod /modules/qp_patch_sum.ko version=0
check_not "doesn't take over" qpdrive apply qp_patch_sum
check "the log says why" has_log "takes over from patch qp_author_state, but doesn't know its state 0x7172"
need "the other object comes" modprobe dummy
check_eq "still its own state doesn't count" "$(reads)" "3 0"
check "reverted" klp-apply revert author-state
check "applied again" klp-apply load /bundles/author-state.klp
check_eq "the value is a new one" "$(reads)" "1 0"
check "reverted" klp-apply revert author-state
check "rmmod the cumulative one" rmmod qp_patch_sum
check "rmmod the victim" rmmod qp_victim
unload_core
