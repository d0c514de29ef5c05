#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# References to a module's own symbols are filled in whenever it comes: before the patch, after it, again, in mid-transition.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_reloc
# progs: qpdrive
. /test/lib.sh
lone() { sed -n 's/^lone //p' /proc/qp_victim; }
addr() { sed -nE "s/^([0-9a-f]+) . ($1)\$/0x\1/p" /proc/kallsyms | head -n 1; }
# The last was renamed in 6.16.
patch() {
	insmod /modules/qp_patch_reloc.ko text_poke="$(addr text_poke)" text_mutex="$(addr text_mutex)" \
		text_poke_sync="$(addr 'text_poke_sync|smp_text_poke_sync_each_cpu')"
}
load_core
check_not "without what writing to text needs" insmod /modules/qp_patch_reloc.ko
need "the victim first" insmod /modules/qp_victim.ko
check "then the patch" patch
check "up" qpdrive apply qp_patch_reloc
check_eq "text and data are filled in" "$(lone)" 77077
check "the victim goes" rmmod qp_victim
check "and comes, perhaps elsewhere" insmod /modules/qp_victim.ko
check_eq "filled in again" "$(lone)" 77077
check "down" qpdrive revert qp_patch_reloc
check_eq "the original" "$(lone)" 100
check "the victim goes" rmmod qp_victim
check "up, without it" qpdrive apply qp_patch_reloc
check "the victim comes" insmod /modules/qp_victim.ko
check_eq "filled in on arrival" "$(lone)" 77077
check "start down" qpdrive start down qp_patch_reloc
check "the victim goes in mid-transition" rmmod qp_victim
check "and comes" insmod /modules/qp_victim.ko
check "it ends" qpdrive finish
check_eq "the original" "$(lone)" 100
check "start up" qpdrive start up qp_patch_reloc
check "the victim goes in mid-transition" rmmod qp_victim
check "and comes" insmod /modules/qp_victim.ko
check "it ends" qpdrive finish
check_eq "filled in" "$(lone)" 77077
check "down" qpdrive revert qp_patch_reloc
check "rmmod the patch" wait_for 20 rmmod qp_patch_reloc
check "rmmod the victim" rmmod qp_victim
unload_core
