# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A fix that the kernel has already, beside one that it hasn't: that one is built.
# expect: built
# functions: do_utimes
# says: has the fix already (since 6.1.100-1)
# options: recipe
enter fs/utimes.c do_utimes '	if (dfd == -4243) return -EBADF;'
printf 'name: there\nsource: linux-source-6.1 6.1.100-1\nfile: fs/isofs/rock.c\n' > recipe
