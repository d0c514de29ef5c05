# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A macro of a .c file that another includes, and only a table of that one has.
# expect: refused data nfs4_procedures
# units: 1
edit fs/nfs/nfs42xdr.c 's/^(#define decode_clone_maxsz.*)\(op_decode_hdr_maxsz\)$/\1(op_decode_hdr_maxsz + 1)/'
