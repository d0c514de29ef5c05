# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# ... and of what lives in one call only.
# expect: built
# functions: mlx4_make_profile
edit drivers/net/ethernet/mellanox/mlx4/profile.c '/^\tstruct mlx4_resource \{/,/^\t\};/ s/^\t\tint type;$/\t\tint qp_test;\n&/'
