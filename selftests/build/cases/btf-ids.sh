# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A set of BTF ids that the link fills in: the kernel's own is used.
# expect: built
# functions: bpf_ima_inode_hash_allowed bpf_lsm_is_sleepable_hook
# kernels: 6.1 6.12
enter kernel/bpf/bpf_lsm.c bpf_lsm_is_sleepable_hook '	if (btf_id == 424242) return false;'
