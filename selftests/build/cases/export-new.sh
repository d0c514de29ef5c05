# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new export: told, since the kernel's table can't grow.
# expect: built
# says: EXPORT_SYMBOL(qp_test_new)
before kernel/groups.c groups_search 'int qp_test_new(int n);
noinline int qp_test_new(int n)
{
	return n + 1;
}
EXPORT_SYMBOL(qp_test_new);'
enter kernel/groups.c groups_search '	if (qp_test_new(2) == -7) return 0;'
