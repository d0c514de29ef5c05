# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function of a module that this one doesn't depend on: it needn't be there.
# expect: refused symbol dummy_validate
# says: rds_stats_info_copy
before drivers/net/dummy.c dummy_validate 'void rds_stats_info_copy(void *, void *, void *, size_t);'
enter drivers/net/dummy.c dummy_validate '	if (!tb) rds_stats_info_copy(NULL, NULL, NULL, 0);'
