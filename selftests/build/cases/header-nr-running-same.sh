# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The same function written in another way: all who use it are compiled, and nothing changes.
# expect: nothing
# file: kernel/sched/sched.h compiled
edit kernel/sched/sched.h '/^static inline void sub_nr_running/,/^\}/ s/^\trq->nr_running -= count;$/\trq->nr_running = rq->nr_running - count;/'
