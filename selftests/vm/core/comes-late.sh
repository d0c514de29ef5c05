#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A module that comes after its patch was applied: its functions settle. One that comes or goes in mid-transition: affected
# code follows, for what the patch in transition only puts back, too.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_veto qp_patch_cmdline
# progs: qpdrive
. /test/lib.sh
settled() { [ "$(attr patches/qp_patch_veto/functions/qp_victim,qp_lone/mode)" = direct ]; }
load_core
need "the patch, before its victim" insmod /modules/qp_patch_veto.ko
check "up, without its object" qpdrive apply qp_patch_veto
sleep 1.5
check "the victim comes" insmod /modules/qp_victim.ko
check "its function settles" wait_for 8 settled
check "the victim goes" rmmod qp_victim
need "a cumulative patch of something else" insmod /modules/qp_patch_cmdline.ko replace=1 addr=0x$(awk '$3 == "cmdline_proc_show" { print $1 }' /proc/kallsyms)
check "it starts" qpdrive start up qp_patch_cmdline
run qpdrive ranges
check_not_out "the victim isn't there" "qp_lone|qp_patch_veto"
check "the victim comes in mid-transition" insmod /modules/qp_victim.ko
run qpdrive ranges
check_out "its function is put back: the entry is affected" "^16 qp_lone"
check_out "and the patch that it led to" " qp_patch_veto$"
check "done" qpdrive finish
check "the way back starts" qpdrive start down qp_patch_cmdline
run qpdrive ranges
check_out "the original is affected" "qp_lone"
check "the victim goes in mid-transition" rmmod qp_victim
run qpdrive ranges
check_not_out "nothing of it is affected any more" "qp_lone"
check "done" qpdrive finish
check "down" qpdrive revert qp_patch_veto
for p in veto cmdline; do check "rmmod $p" wait_for 20 rmmod qp_patch_$p; done
unload_core
