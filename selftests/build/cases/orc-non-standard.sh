# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function's stack can't be walked by rule any more: no byte of it changes, but what the unwinder is told does.
# kernels: 6.1 6.12
# expect: built
# functions: in_group_p
# options: --keep
# after: orc-unknown
edit kernel/groups.c 's,^#include <linux/cred.h>$,&\n#include <linux/objtool.h>,'
append kernel/groups.c 'STACK_FRAME_NON_STANDARD(in_group_p);'
