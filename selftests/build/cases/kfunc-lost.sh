# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One leaves the set.
# expect: refused special-section cubictcp_acked
edit net/ipv4/tcp_cubic.c '/^BTF_ID_FLAGS\(func, cubictcp_acked\)/d'
