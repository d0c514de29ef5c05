# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The other way round: a function that was said to be out of the rules, and really is.
# kernels: 6.1 6.12
# expect: failed
# says: objtool doesn't accept the extracted code
edit arch/x86/kernel/reboot.c '/^STACK_FRAME_NON_STANDARD\(machine_real_restart\);$/ d'
