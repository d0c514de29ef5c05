# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# New variables that nobody keeps an address of: a lock, a counter, a limit of messages, a struct whose members
# are read and written, a table of numbers.
# expect: built
# functions: eventfd_poll
# kernels: 6.1 6.12
# after: revertible
edit fs/eventfd.c 's/^struct eventfd_ctx \{/static DEFINE_MUTEX(eventfd_mutex);\nstatic DEFINE_SPINLOCK(eventfd_lock);\nstatic atomic_t eventfd_polls;\nstatic struct { long calls; struct list_head *last; } eventfd_stat;\nstatic const u16 eventfd_steps[] = { 1, 7, 19, 77, 300, 1024 };\n&/'
enter fs/eventfd.c eventfd_poll '	mutex_lock(&eventfd_mutex);
	spin_lock(&eventfd_lock);
	eventfd_stat.calls += eventfd_steps[eventfd_stat.calls & 3];
	eventfd_stat.last = NULL;
	spin_unlock(&eventfd_lock);
	mutex_unlock(&eventfd_mutex);
	if (atomic_inc_return(&eventfd_polls) > 100)
		pr_info_ratelimited("polled %d times\n", eventfd_steps[file->f_flags & 3]);'
