# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# Module parameters are read when the kernel boots or the module loads.
# expect: refused special-section __param_qp_test
append net/ipv4/tcp_cubic.c 'static int qp_test;
module_param(qp_test, int, 0444);'
