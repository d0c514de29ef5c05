# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# __do_sys_*() has no ftrace site: its callers come instead.
# expect: built
# functions: __ia32_compat_sys_ustat __ia32_sys_ustat __x64_sys_ustat
# kernels: 6.1 6.12 7.3
edit fs/statfs.c 's/^(	int err = )(vfs_ustat\(new_decode_dev\(dev\), &sbuf\);)/\1dev == 4242 ? -EINVAL : \2/'
