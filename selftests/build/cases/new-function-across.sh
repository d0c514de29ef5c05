# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that is new in one unit and called from another.
# kernels: 6.1 7.3
# expect: built
# functions: do_utimes groups_search in_egroup_p in_group_p
before kernel/groups.c groups_search 'int qp_test_new(int dfd);
noinline int qp_test_new(int dfd)
{
	static int calls;

	return dfd + ++calls;
}'
enter kernel/groups.c groups_search '	if (qp_test_new(2) == -7) return 0;'
before fs/utimes.c do_utimes 'int qp_test_new(int dfd);'
enter fs/utimes.c do_utimes '	if (qp_test_new(dfd) == -7) return -EBADF;'
