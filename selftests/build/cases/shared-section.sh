# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# An array in a section that a new variable shares: "array - 8" and "array's end" would be taken for the other one.
# expect: refused data kcmp_ptr
# kernels: 6.1
before kernel/kcmp.c kptr_obfuscate 'static unsigned long qp_more[KCMP_TYPES] __read_mostly = { 5 };'
edit kernel/kcmp.c 's/^\treturn \(v \^ cookies\[type\]\[0\]\)/\tqp_more[type]++;\n&/'
