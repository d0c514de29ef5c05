# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A per-CPU counter becomes one for all CPUs under another name, which would begin with zero.
# expect: refused data last_ino
# says: the_last_ino of the same type
# kernels: 6.1 6.12
edit fs/inode.c 's/^static DEFINE_PER_CPU\(unsigned int, last_ino\);/static unsigned int the_last_ino;/; s/get_cpu_var\(last_ino\)/the_last_ino/; s/put_cpu_var\(last_ino\)/preempt_enable()/'
