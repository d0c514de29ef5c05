# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A tracepoint of vmlinux in changed code.
# expect: built
# functions: set_cpu_itimer
# kernels: 6.1 6.12 7.3
enter kernel/time/itimer.c set_cpu_itimer '	if (!value) return;'
