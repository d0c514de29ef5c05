#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# With a core that believes the monitor, monitor-lies fails.
# kernels: 6.1
# only-full: a minute and a half
# mutant: believe
# modules: qp_victim
# packed: qp_patch_a
# progs: victims
# fixtures: lying-monitor
# files: selftests/vm/monitor/lies.sh
# timeout: 300
# expect: assert who is planted stays
. /files/selftests/vm/monitor/lies.sh
