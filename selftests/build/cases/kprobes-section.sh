# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that mustn't be probed any more, which the kernel tells by its section; no byte of it changes.
# expect: refused special-section groups_search
# says: .kprobes.text
# kernels: 6.1 6.12
edit kernel/groups.c 's/^#include <linux\/syscalls.h>/&\n#include <linux\/kprobes.h>/; s/^int groups_search\(/int __kprobes groups_search(/'
