# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A new variable in a section that others share, where changed code reads and writes single places.
# expect: built
# functions: __delayacct_blkio_start __delayacct_tsk_init delayacct_init
# kernels: 6.1
before kernel/delayacct.c __delayacct_tsk_init 'static int qp_more __read_mostly = 5;'
enter kernel/delayacct.c __delayacct_tsk_init '	if (delayacct_on == 4242) qp_more++;'
enter kernel/delayacct.c __delayacct_blkio_start '	if (qp_more == 4242) return;'
