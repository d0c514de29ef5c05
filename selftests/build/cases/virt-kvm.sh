# SPDX-License-Identifier: GPL-2.0-or-later
# A unit that is compiled through "../", in another folder's name.
# expect: built
# functions: kvm_vcpu_yield_to
# file: virt/kvm/kvm_main.c compiled: 1 function changes
enter virt/kvm/kvm_main.c kvm_vcpu_yield_to '	if (!target) return 0;'
