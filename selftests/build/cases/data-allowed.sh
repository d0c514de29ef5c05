# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The author writes the table in a callback, and says so.
# expect: built
# functions: dummy_validate
# says: dummy_netdev_ops
# options: --allow-data dummy_netdev_ops
edit drivers/net/dummy.c 's/^(	\.ndo_get_stats64.*)$/	.ndo_tx_timeout = NULL,/'
enter drivers/net/dummy.c dummy_validate '	if (!data && !tb) return -EINVAL;'
