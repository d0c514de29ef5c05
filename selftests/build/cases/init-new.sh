# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# New __init code and what it alone uses: it isn't called any more.
# expect: refused init qp_test_init
before kernel/groups.c groups_search 'static int __init qp_test_init(void)
{
	return 0;
}
late_initcall(qp_test_init);'
