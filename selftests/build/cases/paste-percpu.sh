# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A macro that no unit's text names: __this_cpu_write() pastes "raw_cpu_write_" and the size. Behind a redefinition of the real one, for one folder.
# expect: built
# functions: tick_irq_enter
edit kernel/time/tick-internal.h '$s|$|\n#undef raw_cpu_write_8\n#define raw_cpu_write_8(pcp, val) do { barrier(); percpu_to_op(8, , "mov", (pcp), (val) + 1); } while (0)|'
