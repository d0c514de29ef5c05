# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function whose beginning is inlined, and whose rest is FUNCTION.part.0.
# expect: built
# functions: tcp_fastopen_add_skb.part.0
# kernels: 6.1 6.12 7.3
edit net/ipv4/tcp_fastopen.c '/^void tcp_fastopen_add_skb/,/^\}/ s/^	tp->segs_in = 0;/	if (skb->len == 4242424)\n		return;\n&/'
