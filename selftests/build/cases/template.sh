# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Instructions that the kernel copies: bytes of .rodata between labels, which no symbol with a size covers.
# expect: refused assembly optprobe_template_call
edit arch/x86/kernel/kprobes/opt.c '/^asm \(/,/^\);/{/movq 18\*8\(%rsp\), %rdx/s/18/17/}'
