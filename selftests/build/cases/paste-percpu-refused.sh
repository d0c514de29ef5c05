# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# ... and with what no patch can have: a per-CPU variable of its own.
# expect: refused percpu qp_test_written.2
edit kernel/time/tick-internal.h '$s|$|\n#undef raw_cpu_write_8\n#define raw_cpu_write_8(pcp, val) do { static DEFINE_PER_CPU(int, qp_test_written); percpu_add_op(4, , (qp_test_written), 1); percpu_to_op(8, , "mov", (pcp), val); } while (0)|'
