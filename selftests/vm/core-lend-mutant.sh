#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Negative control of [I9]: with the table written in place, core-lend fails.
# kernels: 6.1
# mutant: I9
# modules: qp_lent
# progs: qplend
# files: selftests/vm/core-lend.sh
# expect: assert
. /files/selftests/vm/core-lend.sh
