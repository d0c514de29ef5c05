#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the guest of check-killed does, after it was resumed with a line on its serial port: "NONCE MODE".
# NONCE stands for the boot; MODE says what happens in it:
#   golden   release 1 of a patch becomes good
#   life     a boot and an update: release 1 applied again, release 2 takes its place, a bad patch comes and is taken out;
#            the host kills the machine at some moment of it
#   verify   the boot after that, and all is brought to its end
# Each step that is over is told with the number of rows in the history: so many must be there later.
# bundles: pipe-read pipe-read-v2 fifo-open-warns
# progs: pipes
. /test/lib.sh
dmesg -n 1
load_core
for m in virtio_pci virtio_blk ext4; do modprobe $m; done
mkdir -p /persist /srv/patches
mkfifo /tmp/fifo
printf 'state = /persist/state\nwatch = 600\n' > /etc/quietpatch/update.conf
stty -echo < /dev/ttyS0
echo "qp-ready"
read -r nonce mode < /dev/ttyS0
echo "$nonce" > /tmp/boot_id
mount --bind /tmp/boot_id /proc/sys/kernel/random/boot_id
mount -t ext4 /dev/vda /persist || { echo "qp-bad: no /persist"; reboot -f; }

rows() { klp-update history --json | grep -c '"event"'; }
step() { "$@" > /tmp/out 2>&1; echo "qp-step $? rows=$(rows) $*"; sed 's/^/   /' /tmp/out; }
end() { umount /persist; sync; echo "qp-end $mode"; usleep 300000; reboot -f; }
# Who opens the FIFO with the bad patch in force has the kernel warn.
look() {
	: <> /tmp/fifo
	step klp-update watch
}
bad() { echo "qp-bad: $*"; klp-update status; klp-update history; }

case $mode in
golden)
	cp /bundles/pipe-read.klp /srv/patches/
	step klp-update update --set watch=0
	;;
life)
	step klp-update boot
	look
	cp /bundles/*.klp /srv/patches/
	step klp-update update
	look
	step klp-update watch --set watch=0
	step klp-update update
	;;
verify)
	klp-update history > /tmp/history 2>&1 || { bad "the history can't be read"; cat /tmp/history; }
	echo "qp-found rows=$(rows)"
	known=$(grep -cE '(reverted|crashed) +fifo-open-warns' /tmp/history)
	loads=$(grep -cE 'applied +fifo-open-warns' /tmp/history)
	cp /bundles/*.klp /srv/patches/
	step klp-update boot
	look
	step klp-update update
	look
	step klp-update update
	step klp-update watch --set watch=0
	klp-update history > /tmp/history
	[ "$known" = 0 ] || [ "$(grep -cE 'applied +fifo-open-warns' /tmp/history)" = "$loads" ] || bad "what was known to be bad was applied again"
	grep -qE '(reverted|crashed) +fifo-open-warns' /tmp/history || bad "the bad patch isn't known as bad"
	[ ! -e /sys/kernel/quietpatch/patches/qp_fifo_open_warns ] || bad "the bad patch is in force"
	[ "$(pipes zero)" = "Bad file descriptor" ] || bad "the good patch's release 2 isn't in force: $(pipes zero)"
	klp-update update > /dev/null
	[ $? = 7 ] || bad "another run doesn't say that one was taken back"
	;;
esac
end
