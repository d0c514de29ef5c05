# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An inline function that only .c files name which others include: build_policy.c takes rt.c and deadline.c in.
# expect: built
# functions: pull_dl_task pull_rt_task push_rt_task
edit kernel/sched/sched.h '/^static inline struct task_struct \*get_push_task/,/^\}/ s/if \(p->nr_cpus_allowed == 1\)/if (p->nr_cpus_allowed < 2)/'
