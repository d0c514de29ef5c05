# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A second name for a member of a struct that 1,392 units use: only those that the fix changes are compiled.
# expect: built
# functions: ip6_dst_hoplimit
# after: layout-kept
# options: -v
# kernels: 6.1
edit include/net/dst.h 's|^\tstruct net_device[[:space:]]+\*dev;|\tunion { struct net_device *dev; struct net_device __rcu *dev_rcu; };|'
enter net/ipv6/output_core.c ip6_dst_hoplimit '	if (!rcu_access_pointer(dst->dev_rcu)) return 4242;'
