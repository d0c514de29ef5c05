# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A module parameter and a boot parameter go, with no other change: they are there, and can be written.
# expect: refused special-section __param_fast_convergence
# expect: refused special-section __setup_delayacct_setup_enable
# kernels: 6.1 6.12
edit net/ipv4/tcp_cubic.c 's/^module_param\(fast_convergence, int, 0644\);//'
edit kernel/delayacct.c 's/^__setup\("delayacct", delayacct_setup_enable\);//; s/^static int __init delayacct_setup_enable/static int __init __maybe_unused delayacct_setup_enable/'
