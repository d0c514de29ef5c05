# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Members of a variable's type, which has no name of its own, change places: its bytes are the same.
# expect: refused struct trace_clock_struct
# expect: refused no-fentry trace_clock_global
edit kernel/trace/trace_clock.c '/^static struct \{/,/^\}/{s/^	u64 prev_time;/	arch_spinlock_t lock;/;t;s/^	arch_spinlock_t lock;/	u64 prev_time;/}'
