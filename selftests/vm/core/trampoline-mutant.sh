#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [I7]: with no trampoline known, an error on the way to user mode isn't forgiven: core-trampoline fails.
# kernels: 6.1
# mutant: trampoline
# modules: qp_victim qp_patch_a
# progs: qpdrive qpfentry
# files: selftests/vm/core/trampoline.sh
# expect: assert the task below it switches
. /files/selftests/vm/core/trampoline.sh
