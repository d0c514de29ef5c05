# SPDX-License-Identifier: GPL-2.0-or-later
# What both chains of Secure Boot have to show: $RING is the kernel's keyring that the test's certificate comes to be in.
. /test/lib.sh
B=/bundles/pipe-read

check "the kernel was locked down by the firmware's Secure Boot" grep -q '\[integrity\]' /sys/kernel/security/lockdown
# refused WHAT FILE REGEX: beforehand, by check and load; nothing stays, and the machine doesn't remember it as one that it has had.
refused() {
	check_rc "$1: check tells beforehand" 4 klp-apply check "$2"
	check_out "$1: and why" "$3"
	check_out "$1: and what to do" "mokutil --import|--module-key"
	run klp-apply check --json "$2"
	check_out "$1: for programs" '"kernel_takes_it": false'
	check_rc "$1: load" 4 klp-apply load "$2"
	show
	check_out "$1: and why" "cannot load pipe-read: .*$3"
	check_eq "$1: nothing changed" "$(pipes zero) $(loaded qp_pipe_read && echo loaded)" "0 "
}

# The kernel itself, of the same three kinds of module.
check_not "the kernel refuses the core module without a signature" insmod /modules/unsigned.ko
check_not "and with a foreign one" insmod /modules/foreign.ko
check_out "as it does" "[Kk]ey was rejected|Required key"
check "and takes it with an enrolled one" insmod /modules/quietpatch.ko
unload_core
krel=$(uname -r)
mkdir -p "/lib/modules/$krel/updates/dkms"
cp /modules/unsigned.ko "/lib/modules/$krel/updates/dkms/quietpatch.ko"
echo "updates/dkms/quietpatch.ko:" > "/lib/modules/$krel/modules.dep"
check_rc "an unsigned core is told beforehand, too" 4 klp-apply check $B.kernel.klp
show
check_out "which it is" "updates/dkms/quietpatch.ko\): this kernel takes only modules that are signed"
check_rc "and when it can't be loaded" 4 klp-apply load $B.kernel.klp
check_out "with the reason" "updates/dkms/quietpatch.ko\): this kernel takes only modules that are signed"

load_core
refused "unsigned for the kernel" $B.klp "lockdown is integrity.*isn't signed for kernels"
refused "signed by a foreign key" $B.kernel-foreign.klp "lockdown is integrity.*doesn't know key [0-9a-f]{40}, which signed"

# Signed by issuer and serial number: whether the kernel knows the key can't be told beforehand, and isn't claimed.
check_rc "a foreign one that can't be told" 0 klp-apply check /bundles/qp_patch_a.klp
show
check_out "by whom" "the key of serial number [0-9a-f]+ by CN=foreign-module key of the tests, and whether this one knows it can't be told"
check_rc "the kernel refuses it" 4 klp-apply load /bundles/qp_patch_a.klp
show
check_out "and the message says why" "the kernel doesn't take the signature of module qp_patch_a: it doesn't know the key"
check_out "and what to do" "mokutil --import"
check_eq "nothing is loaded" "$(loaded qp_patch_a && echo loaded)" ""

check "signed by an enrolled key: check" klp-apply check $B.kernel.klp
show
check_out "the key is known" "signed for kernels by key [0-9a-f]{40}, which this one knows \($RING\)"
check_out "lockdown is no obstacle to looking ahead" "all would have switched"
run klp-apply check --json $B.kernel.klp
check_out "for programs" '"kernel_takes_it": true'
check "it goes in" klp-apply load $B.kernel.klp
show
check_out "the tasks switched" "[0-9]+ tasks switched in"
check_eq "it works" "$(pipes zero)" EINVAL
check_eq "the kernel isn't tainted by an unsigned module" $(($(cat /proc/sys/kernel/tainted) & 0x2000)) 0
check "revert" klp-apply revert pipe-read
check_eq "the old code runs" "$(pipes zero)" 0
unload_core
check_eq "nothing of ours is left" "$(grep -c '^qp_\|^quietpatch' /proc/modules)" 0
