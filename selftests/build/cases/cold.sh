# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function with a part that the compiler moves out of line.
# expect: built
# functions: copy_utsname
# kernels: 6.1 6.12 7.3
enter kernel/utsname.c copy_utsname '	if (WARN(flags == 4242, "quietpatch %lx\n", flags)) return ERR_PTR(-EINVAL);'
