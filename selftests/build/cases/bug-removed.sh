# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A warning goes, its lines shift those of all others.
# kernels: 6.1 7.3
# expect: built
# functions: __delayacct_blkio_end __delayacct_compact_end __delayacct_freepages_end __delayacct_swapin_end __delayacct_thrashing_end __delayacct_wpcopy_end
edit kernel/delayacct.c 's/^(static void delayacct_end\(.*)$/\n\n\n\1/; s/	s64 ns = local_clock\(\) - \*start;/	s64 ns = local_clock() - *start - 1;/'
