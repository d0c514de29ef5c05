# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The same function gets what no patch can have, which only .c files show that others include.
# expect: refused percpu qp_test_pushed.24
edit kernel/sched/sched.h '/^static inline struct task_struct \*get_push_task/,/^\}/ s/^\tlockdep_assert_rq_held\(rq\);$/\tstatic DEFINE_PER_CPU(int, qp_test_pushed);\n\n&\n\tthis_cpu_inc(qp_test_pushed);/'
