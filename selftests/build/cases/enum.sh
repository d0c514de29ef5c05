# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new enumerator ahead of others.
# kernels: 6.1 7.3
# expect: refused enum enum isofs_file_format
edit fs/isofs/isofs.h 's/isofs_file_normal = 0,/isofs_file_qp = 0,\n\tisofs_file_normal = 1,/'
