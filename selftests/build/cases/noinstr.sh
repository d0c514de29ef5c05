# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Code where nothing may be traced.
# kernels: 6.1 7.3
# expect: refused noinstr irqentry_enter
enter kernel/entry/common.c irqentry_enter '	barrier(); asm volatile("nop");'
