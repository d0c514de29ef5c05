# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static key of the module itself: read from memory, since the patch must load without it.
# expect: built
# functions: nft_do_chain
# kernels: 6.1 6.12 7.3
enter net/netfilter/nf_tables_core.c nft_do_chain '	if (!priv) return NF_DROP;'
