# SPDX-License-Identifier: GPL-2.0-or-later
# stopped.sh - a task that is stopped outside affected code switches where it stands.
# Sourced by the tests of each way to be stopped, with HOW = one that progs/stopped knows.
. /test/lib.sh
ready() { grep -q ready /tmp/stopped; }
load_core
need "load the victim" insmod /modules/qp_victim.ko
need "load the patch" insmod /modules/qp_patch_a.ko
mkdir -p /run/cg; mount -t cgroup2 none /run/cg; mkdir -p /run/cg/qp
mkfifo /tmp/go
stopped "$HOW" < /tmp/go > /tmp/stopped & s=$!
exec 3> /tmp/go
need "it is there" wait_for 10 ready
check "up" qpdrive apply qp_patch_a 15000
check "down" qpdrive revert qp_patch_a 15000
check "up" qpdrive apply qp_patch_a 15000
echo go >&3
check "it goes on" wait $s
check "with the new version" awk '/^calls1 /{ exit $2 != 20 }' /proc/qp_victim
check "no mixed versions" grep -q '^mismatches 0$' /proc/qp_victim
check "down" qpdrive revert qp_patch_a
check "rmmod the patch" wait_for 20 rmmod qp_patch_a
check "rmmod the victim" rmmod qp_victim
unload_core
