# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Existing per-CPU and read-mostly variables are used where they are.
# expect: built
# functions: alloc_buffer_head fasync_free fasync_helper
# kernels: 6.1 6.12 7.3
edit fs/buffer.c 's/^(	struct buffer_head \*ret = )(kmem_cache_zalloc\(bh_cachep, gfp_flags\);)/\1gfp_flags == 42 ? NULL : \2/'
enter fs/fcntl.c fasync_free '	if (!fasync_cache) return;'
