# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function of which the compiler makes FUNCTION.isra.0: an argument is passed in parts.
# expect: built
# functions: ip_mc_del_src.isra.0
# kernels: 6.1 6.12
enter net/ipv4/igmp.c ip_mc_del_src '	if (sfcount == 424242) return -EINVAL;'
