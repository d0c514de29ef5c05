# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static key of the module itself: the loader would look for it too early.
# expect: refused static-key nft_do_chain
# says: nft_trace_enabled
enter net/netfilter/nf_tables_core.c nft_do_chain '	if (!priv) return NF_DROP;'
