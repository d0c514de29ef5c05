# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function of another unit of the fix, of which no function changes: it is where the kernel has it.
# expect: built
# functions: icmp6_send
append net/core/skbuff.c 'int qp_unused;'
enter net/ipv6/icmp.c icmp6_send '	if (type == 4242 || skb_copy_bits(skb, 0, &type, 0)) return;'
