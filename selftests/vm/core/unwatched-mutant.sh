#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With RCU alone waited for, core-unwatched fails.
# kernels: 6.1
# mutant: idle-handler-rcu
# modules: qp_victim qp_patch_idle
# progs: qpdrive
# files: selftests/vm/core/unwatched.sh
# expect: assert no handler was missed
. /files/selftests/vm/core/unwatched.sh
