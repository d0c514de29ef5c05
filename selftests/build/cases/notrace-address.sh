# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# No ftrace site, and its address is in a table; so are its callers'.
# expect: refused no-fentry read_hv_clock_msr
# expect: refused no-fentry read_hv_clock_msr_cs
# expect: refused no-fentry read_hv_sched_clock_msr
enter drivers/clocksource/hyperv_timer.c read_hv_clock_msr '	barrier(); asm volatile("nop");'
