# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One more 2-byte constant moves the others: the functions that load those stay as they are (kvm_arch_vcpu_ioctl_run()
# and up to eight more).
# expect: built
# functions: kvm_set_tsc_khz
edit arch/x86/kvm/x86.c '/^static int set_tsc_khz/,/^}/s/tsc_catchup = 1/tsc_catchup = 0/'
