# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new member of a structure that objects in use have.
# kernels: 6.1 7.3
# expect: refused struct struct isofs_sb_info
# says: it gets a new member s_qp_test at offset
edit fs/isofs/isofs.h 's/^(struct isofs_sb_info \{)$/\1\n\tint s_qp_test;/'
