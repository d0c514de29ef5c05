# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# ... or a page, which something needs.
# expect: refused data isofs_inode_cachep
edit fs/isofs/inode.c 's/^static struct kmem_cache \*isofs_inode_cachep/& __attribute__((aligned(4096)))/'
