#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A new case of a switch whose code faults, and a system call that has no ftrace site
# itself, so that all its entries are replaced.
# kernels: 6.1 6.12
# bundles: calls-answer
# progs: ask
. /test/lib.sh
load_core
check_eq "unpatched: no such command" "$(ask fcntl)" EINVAL
check_eq "unpatched: no such device" "$(ask ustat)" EINVAL
check "applied" klp-apply load /bundles/calls-answer.klp
check_eq "patched: the command answers" "$(ask fcntl)" 42
check_eq "patched: to a bad address" "$(ask fcntl bad)" EFAULT
check_eq "patched: the call answers" "$(ask ustat)" EDOM
check "revert" klp-apply revert calls-answer
check_eq "reverted: no such command" "$(ask fcntl)" EINVAL
check_eq "reverted: no such device" "$(ask ustat)" EINVAL
unload_core
