# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An inline function that one unit names itself (fair.c), and others through .c files that they include (rt.c, deadline.c, stop_task.c).
# expect: built
# functions: __dequeue_task_dl dequeue_rt_stack dequeue_task_fair dequeue_task_stop throttle_cfs_rq update_curr_rt
edit kernel/sched/sched.h '/^static inline void sub_nr_running/,/^\}/ s/^\trq->nr_running -= count;$/\trq->nr_running -= min(count, rq->nr_running);/'
