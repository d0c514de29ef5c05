# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A struct that no unit's text names: MLX5_SET(set_wol_rol_in, ..) pastes "mlx5_ifc_" and "_bits". Two fields change places.
# expect: refused struct struct mlx5_ifc_set_wol_rol_in_bits
# says: rol_mode moves from offset 80 to 88
# units: 1
edit include/linux/mlx5/mlx5_ifc.h '/^struct mlx5_ifc_set_wol_rol_in_bits/,/^\};/ { s/rol_mode\[/x_mode[/; s/wol_mode\[/rol_mode[/; s/x_mode\[/wol_mode[/ }'
