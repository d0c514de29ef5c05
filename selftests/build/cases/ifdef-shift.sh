# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Lines in a group that this configuration leaves out; functions behind it tell their line when they find an error.
# expect: nothing
# kernels: 6.1 6.12
edit fs/ext4/inline.c 's/^void ext4_show_inline_dir\(.*/void qp_test_never(void);\n\nvoid qp_test_never_either(void);\n&/'
