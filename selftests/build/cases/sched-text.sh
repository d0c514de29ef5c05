# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# __sched functions share a section and call each other without relocations.
# expect: built
# functions: __down_timeout down_killable
# kernels: 6.1 6.12 7.3
enter kernel/locking/semaphore.c down_killable '	if (!sem) return -EINTR;'
enter kernel/locking/semaphore.c __down_timeout '	if (timeout == 4242) return -ETIME;'
