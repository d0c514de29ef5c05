# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that moves to another file of its module.
# expect: built
edit fs/isofs/util.c '/^int iso_date/,/^}/d'
append fs/isofs/rock.c 'int iso_date(u8 *p, int flag)
{
	return p[0] + flag;
}'
