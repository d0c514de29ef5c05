# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# __COUNTER__ and the numbers of static locals shift in the rest of the file.
# expect: built
# functions: iso_date
before lib/kstrtox.c kstrtoull 'static int __maybe_unused qp_test_unique(int a, int b)
{
	static int __maybe_unused qp_local;
	return min(a, b);
}'
enter fs/isofs/util.c iso_date '	if (max(flag, 3) == 42) return 0;'
