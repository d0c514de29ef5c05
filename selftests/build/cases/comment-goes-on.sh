# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A // comment that ends in '\' takes the next line in: the condition goes, and the return behind it stays.
# expect: built
# functions: get_rock_ridge_filename
# kernels: 6.1 6.12
edit fs/isofs/rock.c '0,/^	if \(!ISOFS_SB\(inode->i_sb\)->s_rock\)/s|^	if \(!ISOFS_SB\(inode->i_sb\)->s_rock\)|	// swallows \\\n&|'
