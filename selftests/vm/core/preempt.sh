#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I8] [I2]: the same with a fully preemptible kernel: tasks are preempted inside ftrace's trampolines, too.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
# timeout: 240
# append: preempt=full
# files: selftests/vm/core/oracle.sh
TIMES=40
. /files/selftests/vm/core/oracle.sh
