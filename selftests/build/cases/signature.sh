# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Another parameter of a function that other units call, all of which the fix changes, too: it is a new function.
# expect: built
# functions: __isofs_iget parse_rock_ridge_inode_internal
edit fs/isofs/util.c 's/^int iso_date\(u8 \*p, int flag\)/int iso_date(u8 *p, int flag, int qp)/; s/if \(flag == 0\)/if (flag == qp)/'
edit fs/isofs/isofs.h 's/iso_date\(u8 \*, int\)/iso_date(u8 *, int, int)/'
edit fs/isofs/inode.c 's/(iso_date\(.*), (high_sierra|0)\);/\1, \2, 0);/'
edit fs/isofs/rock.c 's/^([[:space:]]+0)\);$/\1, 0);/'
