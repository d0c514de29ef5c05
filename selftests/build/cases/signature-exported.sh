# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# All calls of the kernel's own are in the fix, but a module of another tree may have more of them.
# expect: refused signature fat_attach
edit fs/fat/fat.h 's/^extern void fat_attach\(/extern int fat_attach(/'
edit fs/fat/inode.c 's/^void fat_attach\(/int fat_attach(/; /^int fat_attach/,/^}/s/^}/\treturn 0;\n}/'
