#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I12]: with nobody looked up on the list of stragglers, core-stragglers-oracle fails.
# kernels: 6.1
# mutant: I12
# modules: qp_victim qp_patch_a
# progs: qpdrive victims held
# files: selftests/vm/core/stragglers-oracle.sh
# timeout: 240
# expect: assert no mixed versions
. /files/selftests/vm/core/stragglers-oracle.sh
