#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Nobody stays for the watch: each look is a run of its own. A hung task in the patch's code, a health command that says no,
# pressure that wasn't there before take the patch out; a fault of somebody else's doesn't.  And the lines for cron, on a
# machine without systemd: they apply at boot, take what is new, and look as long as something is watched.
# kernels: 6.1
# kernels-full: 6.12
# bundles: pipe-read pipe-read-hangs
# progs: pipes
# timeout: 300
. /test/lib.sh
load_core
mkdir -p /srv/patches
cp /bundles/pipe-read.klp /srv/patches/
fixed() { [ "$(pipes zero)" = EINVAL ]; }
look() { klp-update watch "$@"; }
taken_out() { look "$@"; [ $? = 7 ]; }

check_rc "nothing is watched" 2 look
check_rc "applied" 0 klp-update update --set watch=600
check_eq "nobody stays" "$(pidof klp-update klp-apply)" ""
check "who looks is told that there is something" test -e /run/quietpatch/watching
check_rc "a look: not yet known" 6 look --set watch=600
# Somebody else's warning (after an oops the kernel reports no hung tasks).  The console, which the harness reads, stays silent: all reports are wanted.
dmesg -n 1
echo 512 > /proc/sys/kernel/tainted
echo "WARNING: CPU: 0 PID: 1 at fs/pipe.c:3 pipe_read+0x1/0x2 [qp_pipe_read]" > /dev/kmsg
check_rc "a taint flag of somebody else's takes nothing out, nor what a program writes into the log" 6 look --set watch=600
check_rc "after its time it is good" 2 look --set watch=0
check_out "and that is told" "good +pipe-read 1: no fault in"
check_not "nobody needs to look any more" test -e /run/quietpatch/watching
check "it is in force" fixed

check "revert" klp-apply revert pipe-read
klp-update update > /dev/null
check "give it back" klp-update retry pipe-read
touch /tmp/well
health="health=test -e /tmp/well || { echo the shop is closed; exit 3; }"
check_rc "applied on a machine that is well" 0 klp-update update --set watch=600 --set "$health"
check_rc "still well" 6 look --set watch=600 --set "$health"
rm /tmp/well
check_rc "one no may be chance" 6 look --set watch=600 --set "$health"
sleep 6
check_rc "two take it out" 7 look --set watch=600 --set "$health"
show
check_out "with the command's own words" "reverted +pipe-read 1: health says no: exit status 3: the shop is closed"
check_not "it is out" fixed

check "give it back" klp-update retry pipe-read
check_rc "applied" 0 klp-update update --set watch=600
for i in 1 2 3 4 5 6; do while :; do :; done & hogs="$hogs $!"; done
check "pressure takes it out" wait_for 120 taken_out --set watch=600 --set pressure=15
kill $hogs
run klp-update history
check_out "and says of what" "reverted +pipe-read 1: pressure: tasks waited for cpu in [0-9]+% of the last minute, before it in"
check_not "it is out" fixed

cp /bundles/pipe-read-hangs.klp /srv/patches/
echo 5 > /proc/sys/kernel/hung_task_timeout_secs
klp-update update --set watch=600 --set stragglers=leave > /tmp/out
cat /tmp/out
pipes zero & hung=$!
check "a hung task takes it out" wait_for 60 taken_out --set watch=600 --set timeout=5
run klp-update history
check_out "with the kernel's own words" "reverted +pipe-read-hangs 1: the kernel reported .INFO: task pipes:.*, in pipe_read"
wait $hung
echo 60 > /proc/sys/kernel/hung_task_timeout_secs

# The lines of klp-update(1).
rm -rf /var/lib/quietpatch /srv/patches/*
mkdir -p /var/spool/cron/crontabs /tmp/bin
sed -n 's/^# cron: //p' "$0" > /var/spool/cron/crontabs/root
printf 'watch = 30\n' > /etc/quietpatch/update.conf
crond -l 0 -L /tmp/cron.log
cp /bundles/pipe-read.klp /srv/patches/
check "cron's run applies it" wait_for 90 fixed
good() { klp-update history | grep -q "good *pipe-read"; }
check "cron's looks find it good" wait_for 150 good
check "and end" wait_for 30 sh -c '! test -e /run/quietpatch/watching'
killall crond
run cat /tmp/cron.log
# cron: * * * * * PATH=/tools:/bin; klp-update update
# cron: * * * * * PATH=/tools:/bin; test ! -e /run/quietpatch/watching || klp-update watch
