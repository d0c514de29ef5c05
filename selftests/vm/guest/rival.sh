# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# rival.sh - another live patcher on qp_inner(), which qp_patch_a patches: refused, whoever comes second, settled
# or not; sourced by core-ipmodify and core-stock-livepatch.
#   rival MODULE VERSION	qp_inner() answers VERSION with MODULE in
# The caller defines rival_in (to wait until it is in force) and rival_out (take it out).
version() { sed -n 's/^version //p' /proc/qp_victim; }
mode() { attr patches/qp_patch_a/functions/qp_victim,qp_inner/mode; }
settled() { [ "$(mode)" = direct ]; }

rival() {
	_ko=/modules/$1.ko
	load_core
	need "load the victim" insmod /modules/qp_victim.ko
	need "load ours" insmod /modules/qp_patch_a.ko

	check "ours, with ftrace's handler" qpdrive apply qp_patch_a nosettle
	check_not "the other is refused" insmod $_ko
	check_eq "ours runs" "$(version)" 1
	check "down" qpdrive revert qp_patch_a
	check "ours again" qpdrive apply qp_patch_a
	check "settled" wait_for 20 settled
	check_not "the other is refused" insmod $_ko
	check "the log says by whom" has_log "quietpatch: qp_inner.*another live patcher wants it; refused"
	check_eq "ours runs, settled still" "$(version) $(mode)" "1 direct"
	echo 0 > /sys/kernel/quietpatch/settle
	check_not "unsettled: it is refused, too" insmod $_ko
	check_eq "ours runs" "$(version)" 1
	echo 1 > /sys/kernel/quietpatch/settle
	check "down" qpdrive revert qp_patch_a

	check "the site is free a moment later: the other goes in" wait_for 20 insmod $_ko
	rival_in
	check_eq "it runs" "$(version)" $2
	check_not "ours is refused" qpdrive apply qp_patch_a
	check "the log says why" has_log "quietpatch: qp_inner: cannot be redirected: error -16; another live patcher owns it"
	check_eq "nothing is left" "$(attr patches/qp_patch_a/state) $(version)" "loaded $2"
	check "the other goes" wait_for 30 rival_out
	check "ours, now" qpdrive apply qp_patch_a
	check_eq "it runs" "$(version)" 1
	check "down" qpdrive revert qp_patch_a
	check "rmmod the patch" wait_for 20 rmmod qp_patch_a
	check "rmmod the victim" rmmod qp_victim
	unload_core
}
