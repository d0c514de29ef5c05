#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I5]: with nobody listed who has left the list of processes, core-exits fails.
# kernels: 6.1 6.12
# mutant: exits
# modules: qp_victim qp_patch_sleeper qp_late
# progs: qpdrive
# files: selftests/vm/core/exits.sh
# expect: assert asleep in the old version
. /files/selftests/vm/core/exits.sh
