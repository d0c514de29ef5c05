# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new callback in an operations structure.
# expect: refused data dummy_netdev_ops
# says: from offset
edit drivers/net/dummy.c 's/^(	\.ndo_get_stats64.*)$/	.ndo_tx_timeout = NULL,/'
