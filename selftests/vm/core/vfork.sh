#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I2] [I3]: a task that waits for its vfork child, outside affected code, switches where it stands, and goes on with one version.
# kernels: 6.1 6.12 7.3
# modules: qp_victim qp_patch_a
# progs: qpdrive stopped
# files: selftests/vm/guest/stopped.sh
HOW=vfork
. /files/selftests/vm/guest/stopped.sh
