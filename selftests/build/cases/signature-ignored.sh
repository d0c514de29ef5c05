# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function comes to return something, which its caller in another unit goes on to ignore: the caller is replaced
# all the same, as it is to call the new function.
# kernels: 6.1 6.12
# expect: built
# functions: proc_pid_status
edit fs/proc/internal.h 's/^extern void task_mem\(/extern int task_mem(/'
edit fs/proc/task_mmu.c 's/^void task_mem\(/int task_mem(/; /^int task_mem/,/^}/s/^}/\treturn 0;\n}/'
