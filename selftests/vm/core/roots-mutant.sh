#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I7]: with any end of a stack accepted, core-roots fails.
# kernels: 6.1
# mutant: I7
# modules: qp_victim qp_patch_a
# progs: qpdrive
# files: selftests/vm/core/roots.sh
# expect: assert it is held back
. /files/selftests/vm/core/roots.sh
