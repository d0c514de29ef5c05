#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed Debian 12 that runs by its shipped units alone, in the hands of a publisher, an operator and a hostile ordinary user. A patch whose
# code warns is taken out by itself and doesn't return; its next release waits for a hold, a window and `disable`, goes in beside the
# user's sleepers, is halted and withdrawn. One that panics the machine is given a second try at the boot, and no third.
# kernels: 6.1
# image: bookworm
# bundles: pipe-read-warns pipe-read-v2 fifo-open-warns
# progs: pipes
# boots: 4
# panics: 2 3
# timeout: 500
# only-full: six minutes
. /test/lib.sh
# The package, a repository at http://127.0.0.1:8000/, and the shipped units; the one change to these is that the timer doesn't wait for minutes.
install_shipped() {
	dpkg -i /packages/quietpatch.deb > /dev/null 2>&1 || return 1
	cp /test/key.pem.pub /etc/quietpatch/keys/test.pub
	printf 'source = http://127.0.0.1:8000/\n' > /etc/quietpatch/update.conf
	mkdir -p /srv/www /etc/systemd/system/quietpatch-update.timer.d
	repo_init /srv/www /test/key.pem || return 1
	busybox httpd -p 127.0.0.1:8000 -h /srv/www
	printf '[Timer]\nOnBootSec=\nOnBootSec=1\nOnUnitInactiveSec=4\nRandomizedDelaySec=0\nAccuracySec=100ms\n' \
		> /etc/systemd/system/quietpatch-update.timer.d/soon.conf
	systemctl daemon-reload
	systemctl -q enable --now quietpatch-update.timer quietpatch-boot.service
}
publisher() { klp-repo "$@" --repo /srv/www --key /test/key.pem; }
user() { su user -s /bin/sh -c "$*"; }
works() { [ "$(pipes zero)" = "$1" ]; }
status_has() { klp-update status | grep -Eq -- "$1"; }
history_has() { klp-update history | grep -Eq -- "$1"; }
# Twice: the first may have begun before what was just said.
timer_has_run() {
	for _ in 1 2; do
		_last=$(systemctl show -P ExecMainExitTimestampMonotonic quietpatch-update.service)
		wait_for 60 sh -c "[ \"\$(systemctl show -P ExecMainExitTimestampMonotonic quietpatch-update.service)\" -gt $_last ]" || return 1
	done
}
conf() { mkdir -p /etc/quietpatch/update.conf.d && printf '%s\n' "$@" > /etc/quietpatch/update.conf.d/90-test.conf; }
case $BOOT in
1)
	need "install it" install_shipped
	# The warnings to come are wanted: the console, which the harness reads, stays silent.
	dmesg -n 1

	# ---- a patch that warns ----
	need "publish" publisher publish --rollout now /bundles/pipe-read-warns.klp
	conf 'watch = 600'
	check "the fix comes by itself" wait_for 90 history_has "applied +pipe-read 1"
	pipes zero > /dev/null
	check "its code warns: it is taken out by itself" wait_for 90 history_has "reverted +pipe-read 1: the kernel reported .WARNING: .*pipe_read"
	check "the timer runs on" timer_has_run
	check "and leaves it out" works 0
	check_rc "status says why" 7 klp-update status
	check_out "in the kernel's words" "^not protected: .*pipe-read"
	check_eq "and the unit has failed, for whoever watches units" "$(systemctl show -P Result quietpatch-update.service)" exit-code

	# ---- what an ordinary user tries ----
	user 'mkfifo /tmp/fifo; pipes wait /tmp/fifo mallory & pipes wait /tmp/fifo mallory & wait' &
	check "a user's tasks sleep in the code" wait_for 10 sh -c '[ "$(grep -l mallory /proc/[0-9]*/comm | wc -l)" = 2 ]'
	for c in "klp-update update" "klp-update hold" "klp-update disable" "klp-update retry --all" "klp-update config set watch 0" "klp-update unhold" \
		"klp-apply load /bundles/pipe-read-v2.klp" "klp-apply revert pipe-read" "klp-apply trust /srv/www/metadata/1.root.json" \
		": > /dev/quietpatch" "cat /var/lib/quietpatch/state.db" "mkdir /run/quietpatch/x" "rm -f /run/quietpatch/status.json" \
		"ln -s /etc/shadow /run/quietpatch/status.json.tmp" "cat /sys/kernel/quietpatch/phase" "systemctl --no-ask-password stop quietpatch-update.timer"; do
		check_not "a user can't: $c" user "$c"
	done
	# Locks on all that may be opened: nobody waits for them.
	user 'for f in /run/quietpatch /run/quietpatch/* /etc/quietpatch /etc/quietpatch/* /var/lib /usr/bin/klp-*; do flock $f sleep 600 & done; wait' 2> /dev/null &
	user 'while :; do logger -p kern.emerg "WARNING: CPU: 0 PID: 1 at pipe_read+0x0/0x0 [qp_pipe_read]"; sleep 1; done' &

	# ---- the operator ----
	check "a hold" klp-update hold --reason "release week"
	need "publish the next release" publisher publish --rollout now /bundles/pipe-read-v2.klp
	check "it waits for the hold" wait_for 60 status_has "waiting +pipe-read 2: updates are held: release week"
	check "the timer runs on" timer_has_run
	check "nothing has changed" works 0
	# Two hours that begin twelve hours from now.
	conf 'watch = 600' "window = $(date -d '+12 hours' +%H:00)-$(date -d '+14 hours' +%H:00)" 'timeout = 5'
	check "unhold" klp-update unhold
	check "it waits for its window" wait_for 60 status_has "waiting +pipe-read 2: .*window"
	check "disable" klp-update disable
	conf 'watch = 600' 'timeout = 5'
	check "the timer runs on" timer_has_run
	check "disabled: nothing has changed" works 0
	check_rc "which status says" 5 klp-update status
	check_out "first" "^not protected: disabled"
	check "enable" klp-update enable
	check "it is applied, whoever sleeps there" wait_for 90 works "Bad file descriptor"
	check "and is being watched" wait_for 30 status_has "pipe-read 2: applied, being watched"
	check_rc "the machine is protected" 0 klp-update status
	sleep 20
	check "what a user writes into the journal takes nothing out" works "Bad file descriptor"

	# ---- the publisher ----
	need "a halt" publisher halt --reason "we look into it"
	need "publish another, halted" publisher publish --rollout now /bundles/fifo-open-warns.klp
	check "the timer runs on" timer_has_run
	check "what is in stays in" works "Bad file descriptor"
	check_not "what is new stays out" history_has "applied +fifo-open-warns"
	check "which status tells" status_has "waiting +fifo-open-warns 1: the publisher has halted"
	need "withdraw" publisher withdraw --release 2 --reason "it leaks" pipe-read
	check "withdrawn: it is taken out" wait_for 60 works 0
	check "and status says why" wait_for 30 status_has "withdrawn by the publisher: it leaks"
	check "nor does the timer bring it back" timer_has_run
	check "it stays out" works 0
	for p in $(find /proc -maxdepth 1 -user user -name '[0-9]*'); do kill -9 "${p#/proc/}"; done 2> /dev/null
	# ---- for the next boot: a machine that uses FIFOs, and takes a warning for a reason to stop ----
	mkdir -p /etc/sysctl.d
	echo 'kernel.panic_on_warn = 1' > /etc/sysctl.d/test.conf
	printf '[Service]\nExecStartPre=mkfifo /run/app\nExecStart=/bin/sh -c "while :; do : <> /run/app; sleep 1; done"\n[Install]\nWantedBy=multi-user.target\n' \
		> /etc/systemd/system/app.service
	systemctl -q enable app
	sync
	touch /run/qp/shutdown
	;;
2)
	busybox httpd -p 127.0.0.1:8000 -h /srv/www
	publisher resume || die "resume"
	sync
	sleep 200
	;;
3)
	sleep 200
	;;
4)
	check "the machine is up" systemctl -q is-active app
	check_eq "and runs" "$(cat /proc/sys/kernel/panic_on_warn)" 1
	run klp-update history
	show
	check_out "the first time, it was in doubt" "doubtful +fifo-open-warns 1"
	check_out "after the second, it is blamed" "crashed +fifo-open-warns 1: the machine went down a second time"
	check "and isn't applied again" awk '/crashed/ { seen = 1 } seen && /applied +fifo-open-warns/ { again = 1 } END { exit again }' "$OUT"
	busybox httpd -p 127.0.0.1:8000 -h /srv/www
	check "the timer runs" timer_has_run
	check "and leaves it out" sh -c '! klp-apply status | grep -q fifo-open'
	check_rc "status tells" 7 klp-update status
	check_out "what and why" "fifo-open-warns 1: crashed"
	;;
esac
