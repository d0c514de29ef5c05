# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A unit with BTF ids and functions that BPF programs may call.
# expect: built
# functions: cubictcp_cwnd_event
# kernels: 6.1 6.12
enter net/ipv4/tcp_cubic.c cubictcp_cwnd_event '	if (!sk) return;'
