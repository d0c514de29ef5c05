# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Who polls waits at a new queue of the patch, asleep outside of all that changes.
# expect: built
# functions: eventfd_poll
# says: takes the address of the new variable eventfd_all (struct wait_queue_head), which the kernel may keep
# kernels: 6.1 6.12
edit fs/eventfd.c 's/^struct eventfd_ctx \{/static DECLARE_WAIT_QUEUE_HEAD(eventfd_all);\n&/'
enter fs/eventfd.c eventfd_poll '	poll_wait(file, &eventfd_all, wait);'
