#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Lockdown without Secure Boot, where the kernel knows its own keys alone: `check` says beforehand what it refuses, and why.
# (What an enrolled key signed goes in: main-secure-boot-*.sh.)
# kernels: 6.1
# debug: no, that kernel has neither lockdown nor signatures of modules
# core: signed
# bundles: pipe-read pipe-read@kernel
# append: lockdown=integrity
# progs: asuser
. /test/lib.sh
check "locked down" grep -q '\[integrity\]' /sys/kernel/security/lockdown
check_rc "a patch that isn't signed for kernels" 4 klp-apply check /bundles/pipe-read.klp
check_out "the reason" "signed by a key it knows \(lockdown is integrity\), and the module isn't signed for kernels"
check_out "the way out" "--module-key"
check_rc "one by a key that isn't enrolled" 4 klp-apply check /bundles/pipe-read.kernel.klp
show
check_out "who signed" "signed for kernels by key [0-9a-f]{40}, which this one doesn't know"
check_out "the reason" "doesn't know key [0-9a-f]{40}, which signed this one"
check_out "the way out" "mokutil --import"
run klp-apply check --json /bundles/pipe-read.kernel.klp
check_out "for programs: the level" '"lockdown": "integrity"'
check_out "that the key isn't there" '"known": false'
check_out "the outcome" '"kernel_takes_it": false'
# Who isn't shown the kernel's keys can't tell, and doesn't claim to.
chmod 755 /tmp /bundles
run asuser 1000 /tools/klp-apply check --signers folder /bundles/pipe-read.kernel.klp
show
check_out "another user can't tell" "whether this one knows it can't be told"
check_out "and doesn't say that the kernel refuses it" "will show when it is loaded"
check_not "the kernel says the same" insmod /modules/quietpatch.ko
