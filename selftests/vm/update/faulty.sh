#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A patch whose code warns is taken out by the watch, also on a kernel that had a warning and an oops before, where no
# taint flag is new; so is one that tasks hang in.  A fault of somebody else's takes nothing out.  And klp.disable on the kernel's command line keeps everything out.
# kernels: 6.1 6.12
# append: klp.disable
# bundles: pipe-read-warns
# progs: pipes
# timeout: 180
. /test/lib.sh
load_core
mkdir -p /srv/patches
cp /bundles/pipe-read-warns.klp /srv/patches/
check_rc "klp.disable: nothing is applied" 5 klp-update update
check_out "and it says why" "disabled by klp.disable on the kernel command line"
check_rc "at boot neither" 5 klp-update boot
check_rc "status" 5 klp-update status
check_out "says so first" "^not protected: disabled by klp.disable"
check_eq "the old code runs" "$(pipes zero)" 0

# As after a boot without the word.
sed 's/klp.disable//' /proc/cmdline > /tmp/cmdline
mount --bind /tmp/cmdline /proc/cmdline
check "the file does the same" klp-update disable
check_rc "nothing is applied" 5 klp-update update
check "until it is enabled" klp-update enable

# Bit 7: an oops; bit 9: a warning.  The warnings to come are wanted: the console, which the harness reads, stays silent.
echo $((128 + 512)) > /proc/sys/kernel/tainted
dmesg -n 1
while :; do pipes zero > /dev/null; usleep 300000; done &
loop=$!
check_rc "the patch is taken out in its watch" 7 klp-update update --wait --set watch=60
show
check_out "with the kernel's own words" "reverted +pipe-read 1: the kernel reported .WARNING: .*pipe_read"
kill $loop
check_eq "the old code runs" "$(pipes zero)" 0
check_rc "it doesn't come back" 7 klp-update update
