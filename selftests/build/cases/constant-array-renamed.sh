# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An array of numbers gets another name: nobody knows it by its place.
# expect: built
# functions: fs_umode_to_dtype fs_umode_to_ftype
# kernels: 6.1 6.12
edit fs/fs_types.c 's/fs_ftype_by_dtype/qp_type_of/'
