# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The same in another unit, which only knows its name; by its address, too.
# expect: refused init fasync_helper
# says: cred_init
before fs/fcntl.c fasync_helper 'void (*qp_test_hook)(void);'
enter fs/fcntl.c fasync_helper '	if (fd == 424242) qp_test_hook = cred_init;'
