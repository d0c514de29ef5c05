# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A shift count that is patched in at boot can't be read in place.
# expect: refused runtime-const __d_lookup
# kernels: 6.12 7.3
enter fs/dcache.c __d_lookup '	if (!parent) return NULL;'
