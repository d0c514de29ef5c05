# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A patch has no room for a new per-CPU variable.
# expect: refused percpu qp_test_pcpu
before kernel/groups.c groups_search 'static DEFINE_PER_CPU(int, qp_test_pcpu);'
enter kernel/groups.c groups_search '	this_cpu_inc(qp_test_pcpu);'
