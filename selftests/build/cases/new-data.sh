# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# New static data, static locals, strings, once-variables.
# expect: built
# functions: groups_search in_egroup_p in_group_p
# kernels: 6.1 6.12 7.3
before kernel/groups.c groups_search 'static unsigned long qp_test_zero, qp_test_one = 1;
static const char *const qp_test_names[] = { "none", "some", "all" };'
enter kernel/groups.c groups_search '	static int qp_test_calls;
	qp_test_zero += qp_test_one;
	if (qp_test_calls++ == -1)
		pr_info_once("%s %lu\n", qp_test_names[qp_test_calls & 1], qp_test_zero);'
