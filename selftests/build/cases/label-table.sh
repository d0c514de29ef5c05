# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A table of labels ("&&label") goes with its function, whose new code has other places for them.
# expect: built
# functions: ___bpf_prog_run
# kernels: 6.1
edit kernel/bpf/core.c 's/^		DST = -DST;/		DST = 1 - DST;/'
