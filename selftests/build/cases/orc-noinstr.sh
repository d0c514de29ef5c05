# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# What the unwinder is told of code where nothing may be traced.
# kernels: 6.1 6.12
# expect: refused noinstr irqentry_enter
edit kernel/entry/common.c 's,^#include <linux/kmsan.h>$,&\n#include <linux/objtool.h>,'
append kernel/entry/common.c 'STACK_FRAME_NON_STANDARD(irqentry_enter);'
