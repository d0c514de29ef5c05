# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A tracepoint of the module itself in changed code.
# expect: built
# functions: __apic_accept_irq
# kernels: 6.1 6.12 7.3
enter arch/x86/kvm/lapic.c __apic_accept_irq '	if (vector == 424242) return 0;'
