# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that BPF programs may call gets a flag, which the verifier reads from the kernel's own set.
# expect: refused special-section cubictcp_init
edit net/ipv4/tcp_cubic.c 's/^BTF_ID_FLAGS\(func, cubictcp_init\)/BTF_ID_FLAGS(func, cubictcp_init, KF_SLEEPABLE)/'
