# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A quirk for one more device is an entry of a table of the kernel's, though no function changes.
# expect: refused special-section quirk_clear_strap_no_soft_reset_dev2_f0
# kernels: 6.1 6.12
append arch/x86/pci/fixup.c 'DECLARE_PCI_FIXUP_FINAL(PCI_VENDOR_ID_AMD, 0x4242, quirk_clear_strap_no_soft_reset_dev2_f0);'
