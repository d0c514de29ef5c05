#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I2]: with frames in affected code ignored, core-oracle fails.
# kernels: 6.1
# mutant: I2
# modules: qp_victim qp_patch_a
# progs: qpdrive victims
# files: selftests/vm/core/oracle.sh
# timeout: 240
# expect: assert no mixed versions
. /files/selftests/vm/core/oracle.sh
