# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# cond_resched() and might_sleep() are static calls.
# expect: built
# functions: __ia32_sys_sysfs __x64_sys_sysfs
# kernels: 6.1 6.12 7.3
enter fs/filesystems.c fs_maxindex '	cond_resched();
	might_sleep();'
