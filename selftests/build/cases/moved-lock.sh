# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A lock that moves to another file stays where it is: there is one of it.
# expect: built
# functions: put_ipc_ns
# after: lock-borrowed
edit ipc/msgutil.c '/^DEFINE_SPINLOCK\(mq_lock\);/d'
edit ipc/namespace.c 's/^#include "util.h"/&\n\nDEFINE_SPINLOCK(mq_lock);/'
