# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A .c file that isn't a unit of its own: rtmutex_api.c includes it, and units of other configurations.
# expect: built
# functions: mark_wakeup_next_waiter
# units: 1
edit kernel/locking/rtmutex.c '/^static void __sched mark_wakeup_next_waiter/,/^\}/ s/^(\traw_spin_lock\(&current->pi_lock\);)$/\1\n\tcpu_relax();/'
