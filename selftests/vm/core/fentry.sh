#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# BPF fentry and fexit on a patched function: there before the patch (it stays with the handler, and settles when
# they have gone) and after (possible once unsettled on demand).
# kernels: 6.1 6.12 7.3
# modules: qp_patch_cmdline
# progs: qpdrive qpfentry
. /test/lib.sh
mode() { attr patches/qp_patch_cmdline/functions/vmlinux,cmdline_proc_show/mode; }
settled() { [ "$(mode)" = direct ]; }
fentry() { qpfentry fentry cmdline_proc_show /proc/cmdline $1; }
fexit() { qpfentry fexit cmdline_proc_show /proc/cmdline $1; }
load_core
[ -e /sys/kernel/btf/vmlinux ] || { skip "this kernel has no BTF"; exit 0; }
need "load the patch" insmod /modules/qp_patch_cmdline.ko addr=0x$(awk '$3 == "cmdline_proc_show" { print $1 }' /proc/kallsyms)
check "fentry before" fentry
check_not_out "it saw the original" patched
fexit 4 > /tmp/fexit & f=$!
until grep -q attaching /tmp/fexit; do usleep 2000; done
# That takes a grace period of RCU-tasks, and ftrace says EAGAIN to everybody else meanwhile.
check "up, while fexit is being attached" qpdrive apply qp_patch_cmdline
check_eq "the patch runs" "$(cat /proc/cmdline)" patched
sleep 1.5
check_eq "it stays with the handler" "$(mode)" ops
check "fexit went on" wait $f
check "and saw the patch's calls" grep -q "ran 1[0-9] times; last: patched" /tmp/fexit
check "settles when it has gone" wait_for 25 settled
check_eq "the patch runs" "$(cat /proc/cmdline)" patched
check_rc "settled: fentry is refused" 2 fentry
echo 0 > /sys/kernel/quietpatch/settle
check "unsettled on demand: fentry goes in" wait_for 15 fentry
check_eq "the patch runs" "$(cat /proc/cmdline)" patched
check "fexit, too" fexit
check_eq "the patch runs" "$(cat /proc/cmdline)" patched
check "down" qpdrive revert qp_patch_cmdline
check_not "the original runs" grep -q patched /proc/cmdline
check "rmmod the patch" wait_for 20 rmmod qp_patch_cmdline
unload_core
