# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new member in a hole: no byte of code changes, and yet objects in use have the old layout.
# expect: refused struct struct isofs_sb_info
edit fs/isofs/isofs.h 's/^(\tkgid_t s_gid;)$/\1\n\tunsigned char s_qp_test;/; s/^(\tkuid_t s_uid;)$/\1/'
