# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Code that this configuration leaves out.
# expect: nothing
append fs/isofs/util.c '#ifdef CONFIG_QP_NEVER
int qp_test_never(void)
{
	return 1;
}
#endif'
