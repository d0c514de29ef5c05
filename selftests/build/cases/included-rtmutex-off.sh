# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A part of it that only units of other configurations compile (PREEMPT_RT's spinlock_rt.c).
# expect: nothing
# units: 0
# file: kernel/locking/rtmutex.c compiled: no unit is made from what changes in it
edit kernel/locking/rtmutex.c '/^static void __sched rtlock_slowlock_locked/,/^\}/ s/^\t\tset_current_state\(TASK_RTLOCK_WAIT\);$/\t\tcpu_relax();\n&/'
