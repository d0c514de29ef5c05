# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# ... and in another one a field that nobody names gets another name: it is looked at, and nothing changes.
# expect: nothing
# units: 1
edit include/linux/mlx5/mlx5_ifc.h '/^struct mlx5_ifc_set_wol_rol_in_bits/,/^\};/ s/reserved_at_42\[/reserved_42[/'
