# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One that moves and begins with another value isn't only moved, and other units hold the old one.
# expect: refused data mq_lock
edit ipc/msgutil.c '/^DEFINE_SPINLOCK\(mq_lock\);/d'
edit ipc/namespace.c 's/^#include "util.h"/&\n\nspinlock_t mq_lock = { .rlock.raw_lock.val.counter = 1 };/'
