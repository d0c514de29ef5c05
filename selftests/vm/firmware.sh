# SPDX-License-Identifier: GPL-2.0-or-later
# firmware.sh - guests with Secure Boot, for tests that say "firmware: db" or "firmware: shim".  Sourced by run.
#
# Both start from the variables that Debian ships with Microsoft's keys, and Secure Boot on.
#   db: the test's certificate is put beside them into the firmware's db; QEMU hands over the kernel.
#   shim: it is put into MokList, as MokManager would after mokutil --import; the firmware loads Debian's signed shim from a
#   FAT image, that GRUB, and that the kernel.

OVMF=/usr/share/OVMF
SHIM=/usr/lib/shim/shimx64.efi.signed
GRUB=/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed
TEST_GUID=b6e3c1d0-5a53-4c1f-8f0e-7175696574f1	# who owns the test's certificate; any will do

# firmware_lacks: the first package that isn't there, and where it is from.
firmware_lacks() {
	[ -e $OVMF/OVMF_CODE_4M.secboot.fd ] && [ -e $OVMF/OVMF_VARS_4M.ms.fd ] || { echo "ovmf"; return; }
	[ -e $SHIM ] || { echo "shim-signed"; return; }
	[ -e $GRUB ] || { echo "grub-efi-amd64-signed"; return; }
	command -v mcopy > /dev/null || { echo "mtools"; return; }
	command -v virt-fw-vars > /dev/null || echo "python3-virt-firmware (in Debian 12 from bookworm-backports)"
}

# firmware_vars KIND OUT: a machine's variables.
firmware_vars() {
	local add
	case $1 in db) add=--add-db ;; shim) add=--add-mok ;; *) echo "no firmware $1" >&2; return 1 ;; esac
	make_module_keys && virt-fw-vars -i $OVMF/OVMF_VARS_4M.ms.fd $add $TEST_GUID "$VM/module.crt" -o "$2" > /dev/null 2>&1
}

# firmware_machine VARS: sets FIRMWARE_ARGS, the machine for QEMU.
firmware_machine() {
	FIRMWARE_ARGS=(-machine q35,smm=on -global driver=cfi.pflash01,property=secure,value=on
		-drive "if=pflash,format=raw,unit=0,readonly=on,file=$OVMF/OVMF_CODE_4M.secboot.fd"
		-drive "if=pflash,format=raw,unit=1,file=$1")
}

# shim_disk KREL INITRD LINE OUT: a disk from which shim, GRUB and that kernel boot, with LINE as its command line.
shim_disk() {
	local cfg=$4.cfg
	printf 'set timeout=0\nmenuentry test {\nlinux /vmlinuz %s\ninitrd /initrd\n}\n' "$3" > "$cfg"
	rm -f "$4"
	truncate -s $((64 + $(stat -Lc %s "$2") / 1048576))M "$4" && mformat -i "$4" -F :: && mmd -i "$4" ::/EFI ::/EFI/BOOT ::/EFI/debian &&
		mcopy -i "$4" $SHIM ::/EFI/BOOT/BOOTX64.EFI && mcopy -i "$4" $GRUB ::/EFI/BOOT/grubx64.efi &&
		mcopy -i "$4" "$cfg" ::/EFI/debian/grub.cfg && mcopy -i "$4" "$KLP_CACHE/$1/vmlinuz" ::/vmlinuz && mcopy -i "$4" "$2" ::/initrd
}
