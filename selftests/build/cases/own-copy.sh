# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One of the units that share a lock gets one of its own: what is patched would hold another than what isn't.
# expect: refused data mq_lock
# says: with one of its own
# kernels: 6.1 6.12
edit include/linux/ipc_namespace.h '/^extern spinlock_t mq_lock;/d'
edit ipc/namespace.c 's/^#include "util.h"/&\nstatic DEFINE_SPINLOCK(mq_lock);/'
edit ipc/mqueue.c 's/^#include "util.h"/&\nextern spinlock_t mq_lock;/'
edit ipc/msgutil.c 's/^#include "util.h"/&\nextern spinlock_t mq_lock;/'
