# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static variable becomes a global one of the same unit, which another unit uses: the kernel's own.
# expect: built
edit fs/fcntl.c 's/^static struct kmem_cache \*fasync_cache/struct kmem_cache *fasync_cache/'
before fs/utimes.c do_utimes 'extern struct kmem_cache *fasync_cache;'
enter fs/utimes.c do_utimes '	if (!fasync_cache) return -EBADF;'
