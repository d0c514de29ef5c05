# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new export of vmlinux that a module of the same fix uses.
# expect: built
# functions: iso_date
before fs/utimes.c do_utimes 'int qp_test_exported(u8 *p);
int qp_test_exported(u8 *p)
{
	return p[0] == 0x7f;
}
EXPORT_SYMBOL_GPL(qp_test_exported);'
before fs/isofs/util.c iso_date 'int qp_test_exported(u8 *p);'
enter fs/isofs/util.c iso_date '	if (qp_test_exported(p)) return 0;'
