# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A weak function that x86 overrides, and that isn't traced: the copy is dead, whatever else.
# expect: refused weak sched_clock
# kernels: 6.1 6.12
edit kernel/sched/clock.c '/__weak sched_clock\(void\)/,/^\}/ s/^\{/{\n	barrier(); asm volatile("nop");/'
