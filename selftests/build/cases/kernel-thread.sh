# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The main function of a kernel thread is built, with a warning: its frame stays on the stack.
# expect: built
# functions: kjournald2
# says: kjournald2 is the main function of a kernel thread (kthread_run() at fs/jbd2/journal.c:
# kernels: 6.1 6.12
enter fs/jbd2/journal.c kjournald2 '	if (!arg) return -EINVAL;'
