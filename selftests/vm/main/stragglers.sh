#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An ordinary user with a task in the old code and one in the new that nothing can free keeps no patch out, nor in.
# kernels: 6.1 6.12
# bundles: pipe-read sleepers-answer
# progs: pipes fusepin asuser
# kmods: fuse
# timeout: 300
# memory: 640
. /test/lib.sh
load_core
modprobe fuse; [ -c /dev/fuse ] || mknod /dev/fuse c 10 229; chmod 666 /dev/fuse	# as udev does
mkdir -p /mnt
mount -t fusectl none /sys/fs/fuse/connections	# as systemd does
STATE=patches/qp_pipe_read/state
stands() { pid=$(sed -n 's/^pid //p' $1) && grep -q pipe_read /proc/$pid/stack; }
other() {
	check "a fix of something else goes in ($1)" klp-apply load /bundles/sleepers-answer.klp
	check "and out" klp-apply revert sleepers-answer
}
asuser 1000 fusepin "$(printf 'o\033ld')" > /tmp/pin1 2>&1 &
check "one stands in the old code" wait_for 20 stands /tmp/pin1; p1=$pid
check "the fix goes in without it" klp-apply load --timeout 3 --stragglers leave /bundles/pipe-read.klp; show
check_out "which is named, with its user, fit to print" "straggler o.x1bld \($p1\), user 1000.*: in .*pipe_read"
check_eq "everybody else is protected" "$(pipes zero)" EINVAL
check "status tells" klp-apply status; check_out "of it" "straggler .* \($p1\), user 1000.*the old code"
run klp-apply --json status; check_out "to programs, too" "\"uid\": 1000"
check_eq "nothing steers a terminal from sysfs" "$(attr patches/qp_pipe_read/stragglers | sed 's/.* //')" "o?ld"
asuser 1000 fusepin new > /tmp/pin2 2>&1 &
check "another one stands in the new code" wait_for 20 stands /tmp/pin2; p2=$pid
other "in between"
check "the way back ends without that" klp-apply revert --timeout 3 --stragglers leave pipe-read; show
check_out "which is named" "straggler new \($p2\), user 1000.*the patch's code"
check_eq "the base runs" "$(pipes zero)" 0
check_eq "the patch is leaving" "$(attr $STATE)" leaving
check_not "and can't go" rmmod qp_pipe_read
check_not "nor can the core" rmmod quietpatch
other "on the way back"
check "the fix goes in again" klp-apply load --timeout 3 --stragglers leave /bundles/pipe-read.klp
check_eq "and protects" "$(pipes zero)" EINVAL
klp-apply revert --timeout 3 --stragglers leave pipe-read > /tmp/revert 2>&1 & r=$!
reverting() { grep -q reverting $QP_SYS/$STATE; }
check "a revert is under way" wait_for 10 reverting
kill -9 $r; wait $r 2>/dev/null
leaving() { grep -q leaving $QP_SYS/$STATE; }
check "with nobody to drive it, the core ends it" wait_for 20 leaving
check_eq "and the base runs" "$(pipes zero)" 0
other "at the end"
check "the second fix's load still asks" klp-apply load --timeout 3 --stragglers kill /bundles/pipe-read.klp; show
check_out "kill reports whom it killed" "1 process of ordinary users killed"
none() { [ -z "$(attr patches/qp_pipe_read/stragglers)" ]; }
sleep 2
check_not "who waits for a FUSE server outlives that" none
fusepin root > /tmp/pin3 2>&1 &
check "one of root's stands in the new code, too" wait_for 20 stands /tmp/pin3; p3=$pid
run klp-apply revert --timeout 3 --stragglers abort pipe-read; show
check_out "abort aborts what they wait for" "2 FUSE filesystems of theirs aborted"
alone() { [ "$(attr patches/qp_pipe_read/stragglers | cut -d ' ' -f 1)" = $p3 ]; }
check "so that they can leave; what root has mounted stays" wait_for 20 alone
check "it goes in again" klp-apply load /bundles/pipe-read.klp
killall fuseserver
check "when the last can leave, it is none any more" wait_for 20 none
check_eq "and it stays in force" "$(pipes zero)" EINVAL
check "it goes out as ever" klp-apply revert pipe-read
check_eq "altogether" "$(grep -c qp_pipe_read /proc/modules)" 0
