# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# What the boot image is made from isn't configured out, though no command of vmlinux compiles it.
# expect: refused assembly arch/x86/boot/main.c
# expect: refused assembly arch/x86/boot/header.S
# expect: refused assembly arch/x86/boot/cpuflags.h
# expect: refused assembly arch/x86/boot/compressed/kaslr.c
# kernels: 6.1 6.12
edit arch/x86/boot/main.c 's/init_default_io_ops\(\);/&\n\tio_delay();/'
append arch/x86/boot/header.S '	nop'
edit arch/x86/boot/cpuflags.h 's/^struct cpu_features \{/&\n\tint more;/'
append arch/x86/boot/compressed/kaslr.c 'int more;'
