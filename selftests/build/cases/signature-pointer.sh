# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Its address stands in a table: who calls by that goes on in the old way.
# expect: refused signature proc_pid_statm
edit fs/proc/internal.h 's/^extern int proc_pid_statm\(/extern long proc_pid_statm(/'
edit fs/proc/array.c 's/^int proc_pid_statm\(/long proc_pid_statm(/'
edit fs/proc/base.c 's/(ONE\("statm", .*), proc_pid_statm\)/\1, (void *)proc_pid_statm)/'
