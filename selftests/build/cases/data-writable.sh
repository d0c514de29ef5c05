# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# What the running kernel has made read-only can't be written to.
# expect: refused data seq_file_cache
edit fs/seq_file.c 's/^(static struct kmem_cache \*seq_file_cache) __ro_after_init/\1/'
