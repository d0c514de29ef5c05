#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed Debian 12 with systemd: the shipped timer picks a signed bundle up over http, its service
# applies it in the shipped sandbox, and after a reboot the boot service applies it again without a source.
# kernels: 6.1
# image: bookworm
# bundles: pipe-read
# progs: pipes
# boots: 2
# timeout: 180
. /test/lib.sh
fixed() { [ "$(pipes zero)" = EINVAL ]; }
good() { klp-update history | grep -q " good "; }
case $BOOT in
1)
	check_eq "systemd is PID 1" "$(cat /proc/1/comm)" systemd
	check_eq "the old code runs" "$(pipes zero)" 0
	mkdir -p /srv/www
	busybox httpd -p 127.0.0.1:8000 -h /srv/www
	printf 'source = http://127.0.0.1:8000/\nwatch = 1\n' > /etc/quietpatch/update.conf
	# The only change to what is shipped: no wait of minutes.
	mkdir -p /etc/systemd/system/quietpatch-update.timer.d
	printf '[Timer]\nOnBootSec=\nOnBootSec=1\nOnUnitInactiveSec=4\nRandomizedDelaySec=0\nAccuracySec=100ms\n' \
		> /etc/systemd/system/quietpatch-update.timer.d/soon.conf
	need "publish" klp-repo publish --repo /srv/www --key /test/key.pem /bundles/pipe-read.klp
	systemctl daemon-reload
	check "enable what is shipped" systemctl -q enable --now quietpatch-update.timer quietpatch-boot.service
	need "the fix comes by itself" wait_for 60 fixed
	ok "the fix is in the kernel by itself"
	check "and counts as good after its watch" wait_for 60 good
	run systemctl show -p Result -p Nice quietpatch-update.service
	check_out "the service ended well" "Result=success"
	check_eq "who loads has no network" "$(systemctl show -P PrivateNetwork quietpatch-update.service)" yes
	check_eq "who fetches has a user of its own" "$(systemctl show -P User quietpatch-fetch@x.service)" _quietpatch
	check "and fetched" sh -c 'journalctl -u "quietpatch-fetch@*" | grep -q "fetch from the network"'
	for unit in boot.service update.service fetch@x.service; do
		check "quietpatch-$unit: exposure under 2.5" systemd-analyze security --no-pager --threshold=24 "quietpatch-$unit"
	done
	check_eq "the state is for root alone" "$(stat -c %a /var/lib/quietpatch)" 700
	run klp-apply status
	check_out "people's own klp-apply sees it" "pipe-read release 1: applied"
	check_rc "a run by hand has nothing to do" 2 klp-update update
	check_rc "an ordinary user sees that the machine is protected" 0 su user -s /bin/sh -c 'klp-update status'
	check_out "by what" "^patch +pipe-read 1: applied"
	check_out "and as of when" "^as of +[0-9]"
	check_rc "but not what happened" 1 su user -s /bin/sh -c 'klp-update history'
	# The boot service is on its own.
	systemctl -q disable --now quietpatch-update.timer
	check_not "an ordinary user can't lock the state" su user -s /bin/sh -c 'exec 9< /var/lib/quietpatch/state.db'
	;;
2)
	check "after the reboot the boot service applies it again, with no source" wait_for 60 fixed
	run klp-update history
	show
	check_out "history has both" "reapplied +pipe-read 1"
	check "and watches it again" wait_for 30 sh -c 'systemctl show -p ActiveState quietpatch-boot.service | grep -q inactive'
	run systemctl show -p Result quietpatch-boot.service
	check_out "the service ended well" "Result=success"
	;;
esac
