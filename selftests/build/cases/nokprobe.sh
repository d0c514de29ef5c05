# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that may not be probed any more, and one that may: the kernel's list is read at boot.
# expect: refused special-section groups_search
before kernel/groups.c in_group_p '#include <linux/kprobes.h>
NOKPROBE_SYMBOL(groups_search);'
