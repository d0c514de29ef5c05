# SPDX-License-Identifier: GPL-2.0-or-later
# namespace.sh - a machine with a real systemd as PID 1 on an overlay of /, in namespaces of its own: the running kernel, no
# network but loopback, nothing of the host's own services.  What it writes is gone with it, but for the folder $lab/out.
# Sourced by check-units and check-role, which say in $CHECK what they are called.

# How its PID 1 is started; the whole of it dies with that.
MACHINE="unshare -m -p -f -C -u -i -n"

# machine_lacks: fails if there can't be one, and prints why.
machine_lacks() {
	[ "$(id -u)" -eq 0 ] || { echo "needs root, for a mount namespace"; return 1; }
	[ -x /lib/systemd/systemd ] || { echo "there is no systemd here"; return 1; }
	grep -qw overlay /proc/filesystems || modprobe -q overlay || { echo "the kernel has no overlayfs"; return 1; }
	$MACHINE true 2> /dev/null || { echo "the kernel or a sandbox refuses namespaces"; return 1; }
}

# What is said of it when it has ended.
passed=0 failed=0
skip() { echo "skip $CHECK: $*"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
# has WHAT FILE REGEX: a file of $lab/out.
has() {
	if grep -Eq -- "$3" "$lab/out/$2" 2> /dev/null; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $CHECK: $1: no '$3' in"; tail -n 40 "$lab/out/$2" 2> /dev/null | sed 's/^/     | /'
	fi
}
# machine_ended: ends the check where the machine didn't come to its end ($lab/out/done), and says why.
machine_ended() {
	local f
	f=$(cat "$lab/out/stop" 2> /dev/null)
	case $f in skip*) skip "${f#skip }" ;; esac
	if [ -n "$f" ] || [ ! -e "$lab/out/done" ]; then
		echo "FAIL $CHECK: ${f:-systemd never got to the end}"; tail -n 20 "$lab/out/log" 2> /dev/null | sed 's/^/     | /'
		echo "0 passed, 1 failed, 0 skipped"; exit 1
	fi
}
# machine_sum [TEXT]: the last lines; fails when something has.
machine_sum() {
	[ $failed -gt 0 ] || echo "ok   $CHECK: $passed checks$*"
	echo "$passed passed, $failed failed, 0 skipped"
	[ $failed -eq 0 ]
}

# The side of PID 1 can only leave word, in $out: it turns into systemd.
stop() { echo "$*" > "$out/stop"; exit 1; }

# machine_root LAB: within $MACHINE, mounts its / as LAB/root.
machine_root() {
	mount --make-rprivate / && mount -t tmpfs -o size=300m lab "$1" || stop "skip mounts are refused"
	mkdir "$1"/{upper,work,root}
	local r=$1/root
	mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" over "$r" || stop "skip overlayfs can't stand on /"
	mount -t proc proc "$r/proc" && mount --rbind /sys "$r/sys" && mount -t tmpfs -o mode=755 run "$r/run" &&
		mount -t tmpfs tmp "$r/tmp" && mount -t tmpfs -o mode=755 dev "$r/dev" || stop "skip mounts are refused"
	for n in null zero full random urandom tty kmsg; do
		: > "$r/dev/$n" && mount --bind "/dev/$n" "$r/dev/$n"
	done
	mkdir "$r/dev/pts" "$r/dev/shm"
	ip link set lo up || stop "skip the network namespace has no loopback"
	umount -R "$r/sys/fs/cgroup" 2> /dev/null
	# systemd's own hierarchy in a fresh one, whatever the host has.
	if grep -q '^0::' /proc/self/cgroup && ! grep -q name=systemd /proc/self/cgroup; then
		mount -t cgroup2 cgroup "$r/sys/fs/cgroup" || stop "skip no cgroup2"
	else
		mount -t tmpfs -o mode=755 cgroup "$r/sys/fs/cgroup" && mkdir "$r/sys/fs/cgroup/systemd" &&
			mount -t cgroup -o none,name=systemd cgroup "$r/sys/fs/cgroup/systemd" || stop "skip no cgroup hierarchy for systemd"
	fi
	# Nothing of the host's own services.
	rm -rf "$r"/etc/systemd/system/* "$r"/lib/systemd/system/*.wants "$r/etc/quietpatch" "$r/var/lib/quietpatch"
}

# machine_loosen ROOT: takes out of our services what this namespace hasn't: a device cgroup; and it looks like a container.
machine_loosen() {
	local s d
	for s in advise boot update watch notify fetch@; do
		d=$1/etc/systemd/system/quietpatch-$s.service.d
		mkdir -p "$d"
		printf '[Unit]\nConditionVirtualization=\n[Service]\nPrivateDevices=no\nDevicePolicy=auto\nDeviceAllow=\nProtectControlGroups=no\n' > "$d/namespace.conf"
	done
}

# machine_bundle LAB FILE: a bundle for the kernel that runs here, by LAB/key; what is in it never gets as far as the kernel.
machine_bundle() {
	local build_id
	gcc -std=gnu11 -O2 -Itools/lib -o "$1/pack" selftests/vm/pack.c "$BUILD/libklp.a" -lelf -lzstd -lcrypto -ljansson || stop "pack.c"
	gcc -c -x c -o "$1/qp_probe.ko" - <<< 'int probe;'
	build_id=$(od -An -v -tx1 /sys/kernel/notes | tr -d ' \n' | grep -oE '040000001400000003000000474e5500.{40}' | head -n 1 | cut -c33-)
	[ -n "$build_id" ] || stop "skip the running kernel has no build-id"
	"$1/pack" "$1/qp_probe.ko" "$(uname -r)" "$build_id" "$1/key" "$2" > "$1/pack.log" 2>&1 || stop "pack: $(cat "$1/pack.log")"
}

# machine_boot ROOT LOG: becomes its PID 1, whose default.target is the caller's.
machine_boot() {
	exec env -i container=lxc PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" /lib/systemd/systemd \
		--system --unit=default.target --log-target=console --log-level=info --show-status=0 > "$2" 2>&1 < /dev/null
}
