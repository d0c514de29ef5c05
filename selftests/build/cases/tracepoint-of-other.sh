# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A tracepoint of a module that the patched one depends on: kvm's, in kvm_intel.
# expect: built
# functions: handle_exception_nmi
# kernels: 6.1 6.12
enter arch/x86/kvm/vmx/vmx.c handle_exception_nmi '	if (!vcpu) return 0;'
