# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A section of code that only statistics go by.
# expect: nothing
edit kernel/groups.c 's/^#include <linux\/syscalls.h>/&\n#include <linux\/sched\/debug.h>/; s/^int groups_search\(/int __sched groups_search(/'
