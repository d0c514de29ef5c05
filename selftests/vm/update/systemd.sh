#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed Debian 12 with systemd: its package is installed, the shipped timer picks a signed bundle up over http,
# which waits for its rollout until it is marked as exploited; its service applies it in the shipped sandbox; nobody stays for the watch, systemd looks again and again; the
# operator's health command has a network and no privilege, and takes the fix out; an upgrade of the package leaves patch and state alone; after a
# reboot in the watch the boot service applies it again without a source; removed, the package leaves the fix in the kernel and its
# state; purged, it leaves nothing on the disk.
# kernels: 6.1
# image: bookworm
# bundles: pipe-read
# progs: pipes
# boots: 2
# timeout: 360
. /test/lib.sh
fixed() { [ "$(pipes zero)" = EINVAL ]; }
good() { klp-update history | grep -q " good "; }
watched() { klp-update status | grep -q "being watched"; }
# The timer, which fires every few seconds here, may be at it (6): then after it.
by_hand() { for _ in 1 2 3 4 5 6 7 8 9 10; do klp-update update; rc=$?; [ $rc = 6 ] || break; sleep 1; done; return $rc; }
active() { [ "$(systemctl show -P ActiveState "$1")" = active ]; }
# What is on the disk, but for dpkg's own records, logs, and what this test puts there.
files() {
	find / -xdev \( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /root -o -path /test -o -path /bundles -o -path /progs -o -path /packages -o -path /tmp -o -path /srv \
		-o -path /var/tmp -o -path '/var/lib/systemd/timesync*' -o -path /var/lib/systemd/random-seed \) -prune -o -print | sort
}
case $BOOT in
1)
	check_eq "systemd is PID 1" "$(cat /proc/1/comm)" systemd
	check_eq "the old code runs" "$(pipes zero)" 0
	files > /root/before
	export DEBIAN_FRONTEND=noninteractive
	check "the package installs" dpkg -i /packages/quietpatch.deb
	check_not "nothing starts by itself before a key is trusted" systemctl -q is-enabled quietpatch-update.timer
	cp /test/key.pem.pub /etc/quietpatch/keys/test.pub
	mkdir -p /srv/www
	busybox httpd -p 127.0.0.1:8000 -h /srv/www
	printf 'source = http://127.0.0.1:8000/\nwatch = 1\n' > /etc/quietpatch/update.conf
	# The only change to what is shipped: no wait of minutes.
	mkdir -p /etc/systemd/system/quietpatch-update.timer.d
	printf '[Timer]\nOnBootSec=\nOnBootSec=1\nOnUnitInactiveSec=4\nRandomizedDelaySec=0\nAccuracySec=100ms\n' \
		> /etc/systemd/system/quietpatch-update.timer.d/soon.conf
	need "a repository" repo_init /srv/www /test/key.pem
	need "publish, for machines in 90 days" klp-repo publish --repo /srv/www --rollout 2160h:100 --key /test/key.pem /bundles/pipe-read.klp
	systemctl daemon-reload
	check "enable what is shipped" systemctl -q enable --now quietpatch-update.timer quietpatch-boot.service
	check "it waits for its rollout" wait_for 60 sh -c 'klp-update status | grep -q "waiting .* its rollout is at 0%"'
	check_eq "and the old code runs" "$(pipes zero)" 0
	begin=$(date +%s%N)
	need "publish, as exploited now" klp-repo publish --repo /srv/www --exploited yes --key /test/key.pem /bundles/pipe-read.klp
	need "the fix comes by itself, without its rollout" wait_for 60 fixed
	say "from publish to in force: $((($(date +%s%N) - begin) / 1000000)) ms, with 4 s between two checks"
	run klp-update status
	show
	check_out "status tells why" "^patch +pipe-read 1: applied, .*exploited now"
	ok "the fix is in the kernel by itself"
	check "and counts as good after its watch" wait_for 60 good
	run systemctl show -p Result -p Nice quietpatch-update.service
	check_out "the service ended well" "Result=success"
	check_eq "who loads has no network" "$(systemctl show -P PrivateNetwork quietpatch-update.service)" yes
	check_eq "who fetches has a user of its own" "$(systemctl show -P User quietpatch-fetch@x.service)" _quietpatch
	check "and fetched" sh -c 'journalctl -u "quietpatch-fetch@*" | grep -q "fetch from the network"'
	check "nobody stays for the watch" wait_for 20 sh -c '! pidof klp-update klp-apply'
	check_eq "which is over" "$(systemctl show -P ActiveState quietpatch-watch.service)" inactive
	for unit in advise.service boot.service update.service watch.service shutdown.service notify.service fetch@x.service health@x.service; do
		check "quietpatch-$unit: exposure under 2.5" systemd-analyze security --no-pager --threshold=24 "quietpatch-$unit"
	done
	check_eq "the state is for root alone" "$(stat -c %a /var/lib/quietpatch)" 700
	run klp-apply status
	check_out "people's own klp-apply sees it" "pipe-read release 1: applied"
	check_rc "a run by hand has nothing to do" 2 by_hand
	check_rc "an ordinary user sees that the machine is protected" 0 su user -s /bin/sh -c 'klp-update status'
	check_out "by what" "^patch +pipe-read 1: applied"
	check_out "and as of when" "^as of +[0-9]"
	check_rc "but not what happened" 1 su user -s /bin/sh -c 'klp-update history'

	touch /run/reboot-required
	systemctl -q start quietpatch-update.service
	check "after a look, a flag of others says what advise says" wait_for 30 grep -q "^Quietpatch: don't know: " /run/reboot-required
	: > /run/reboot-required
	sed -n 's/^DPkg::Post-Invoke { "\(.*\)"; };/\1/p' /etc/apt/apt.conf.d/90quietpatch > /tmp/post-invoke
	check "what apt runs at its end" sh /tmp/post-invoke
	check "has it told again" wait_for 30 grep -q "^Quietpatch: don't know: " /run/reboot-required

	check "a later version installs over it" dpkg -i /packages/quietpatch-next.deb
	check "the patch is still in force" fixed
	run klp-update history
	check_out "the history is still there" "applied +pipe-read 1"
	check "the settings are" grep -q 127.0.0.1:8000 /etc/quietpatch/update.conf
	check "the timer still runs" active quietpatch-update.timer
	check "and is still enabled" systemctl -q is-enabled quietpatch-update.timer
	check_rc "the new one has nothing to do" 2 by_hand
	# The boot service is on its own, and the watch is under way when the machine goes down.
	check "a health command" sh -c 'echo "watch = 600
notify = { cat; id -un; } | systemd-cat -t told
health = [ \$(id -u) != 0 ] && busybox wget -q -O /dev/null http://127.0.0.1:8000/well" >> /etc/quietpatch/update.conf'
	sed -i '/^watch = 1$/d' /etc/quietpatch/update.conf
	touch /srv/www/well
	systemctl -q stop quietpatch-update.timer
	check "taken out by hand" klp-apply revert pipe-read
	by_hand > /dev/null
	check "and given back" klp-update retry pipe-read
	check_rc "applied by hand" 0 klp-update update
	sleep 15
	check "systemd looks, and looks again" watched
	check "in force" fixed
	rm /srv/www/well
	check "the health command has a network, and takes the fix out" wait_for 60 sh -c '[ "$(pipes zero)" = 0 ]'
	# The row and the unit's result come when the look has ended.
	wait_for 30 sh -c 'klp-update history | grep -q "health says no" && systemctl show -p Result quietpatch-watch.service | grep -q exit-code'
	run klp-update history
	check_out "in its own words" "reverted +pipe-read 1: health says no: exit status 1"
	run systemctl show -p Result quietpatch-watch.service
	check_out "which is for a person to see" "Result=exit-code"
	check "and told" wait_for 30 sh -c 'journalctl -t told -o cat | grep -q "pipe-read was taken back"'
	check "by a user without privilege" wait_for 10 sh -c 'journalctl -t told -o cat | grep -q "^_quietpatch$"'
	check_eq "and well" "$(systemctl show -P Result quietpatch-notify.service)" success
	touch /srv/www/well
	check "given back" klp-update retry pipe-read
	check_rc "applied" 0 klp-update update
	touch /run/qp/shutdown
	systemctl -q disable --now quietpatch-update.timer
	check_not "an ordinary user can't lock the state" su user -s /bin/sh -c 'exec 9< /var/lib/quietpatch/state.db'
	;;
2)
	check "after the reboot the boot service applies it again, with no source" wait_for 60 fixed
	run klp-update history
	show
	check_out "history has both" "reapplied +pipe-read 1"
	check_not_out "a shutdown in the watch is no crash" "doubtful|crashed"
	check "it is watched again" watched
	check "by nobody who stays" wait_for 30 sh -c 'systemctl show -p ActiveState quietpatch-boot.service | grep -q inactive'
	run systemctl show -p Result quietpatch-boot.service
	check_out "the service ended well" "Result=success"

	systemctl -q start quietpatch-update.timer
	check "the package is removed" dpkg -r quietpatch
	check "the fix stays in the kernel" fixed
	check "settings, keys and state stay" test -e /etc/quietpatch/keys/test.pub -a -e /etc/quietpatch/update.conf -a -e /var/lib/quietpatch/state.db
	check_not "no timer runs" active quietpatch-update.timer
	# All of /etc is settings, and stays until it is purged.
	files | grep -i 'quietpatch\|klp' | grep -v "/lib/modules/\|^/etc/\|^/var/lib/quietpatch\|^/var/lib/systemd/deb-systemd-helper\|timer.d" > "$OUT"
	check_eq "no file of the package is left" "$(cat "$OUT")" ""
	check "installed again" dpkg -i /packages/quietpatch.deb
	run klp-update status
	check_out "it knows what it did" "pipe-read 1: applied"
	check "the package is purged" dpkg -P quietpatch
	rm -r /etc/systemd/system/quietpatch-update.timer.d
	files | diff /root/before - | grep '^[<>]' > "$OUT"
	check_eq "nothing is left on the disk, and nothing is missing" "$(cat "$OUT")" ""
	check_eq "nor in /run" "$(ls -d /run/quietpatch 2> /dev/null)" ""
	check "the fix is still in force, until the next boot" fixed
	;;
esac
