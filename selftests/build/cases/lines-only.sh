# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Empty lines and comments move warnings, and change no function.
# expect: nothing
# kernels: 6.1 6.12
before fs/nsfs.c nsfs_evict '/* one

more */'
before fs/nsfs.c ns_get_path '


'
