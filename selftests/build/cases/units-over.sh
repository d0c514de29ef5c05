# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A macro that more units name than a fix may reach: refused when that many are known, without reading the rest.
# expect: refused other fs/ext4/ext4.h
# options: -v --max-units 2
# after: few-read
edit fs/ext4/ext4.h 's/ext4_error_inode\(\(inode\), __func__, __LINE__, 0, \(fmt\)/ext4_error_inode((inode), __func__, __LINE__, 1, (fmt)/'
