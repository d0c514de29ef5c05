# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A per-CPU variable of the module itself.
# expect: built
# functions: nft_counter_eval
# kernels: 6.1 6.12 7.3
enter net/netfilter/nft_counter.c nft_counter_eval '	if (!pkt) return;'
