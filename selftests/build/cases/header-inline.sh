# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An inline of a header that several units have.
# kernels: 6.1 7.3
# expect: built
# functions: __isofs_iget get_rock_ridge_filename isofs_export_get_parent isofs_fill_super isofs_lookup isofs_readdir parse_rock_ridge_inode_internal rock_ridge_symlink_read_folio
edit fs/isofs/isofs.h 's/^(static inline int isonum_733\(.*\))$/\1/; /isonum_733\(u8/,/^\}/ s/return .*;/return get_unaligned_le32(p) \& 0x7fffffff;/'
