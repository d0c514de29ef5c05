# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A static key of vmlinux, in vmlinux and in a module.
# expect: built
# functions: __delayacct_blkio_end __delayacct_compact_end __delayacct_freepages_end __delayacct_swapin_end __delayacct_thrashing_end __delayacct_wpcopy_end get_joliet_filename
# kernels: 6.1 6.12 7.3
enter kernel/delayacct.c delayacct_end '	if (!static_branch_unlikely(&delayacct_key)) return;'
edit fs/isofs/joliet.c 's/^(#include "isofs.h")/\1\n#include <linux\/delayacct.h>/'
enter fs/isofs/joliet.c get_joliet_filename '	if (static_branch_unlikely(&delayacct_key) && !de) return 0;'
