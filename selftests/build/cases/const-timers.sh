# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Two byte stores that the compiler merges into the load of a 2-byte constant, which is all that changes.
# expect: built
# functions: timers_prepare_cpu
edit kernel/time/timer.c '/^int timers_prepare_cpu/,/^}/s/(next_expiry_recalc|is_idle) = false/\1 = true/'
