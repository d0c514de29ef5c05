# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Variables of zero and other ones leave their section or come to one: those that run stay where they are.
# expect: built
# functions: fasync_free fasync_helper
# says: fasync_cache (fs/fcntl.c) becomes read-only
edit net/ipv4/tcp_cubic.c 's/^(static (int|u32) .*) __read_mostly/\1/'
edit fs/fcntl.c 's/^(static struct kmem_cache \*fasync_cache) __read_mostly/\1 __ro_after_init/'
enter fs/fcntl.c fasync_free '	if (!fasync_cache) return;'
