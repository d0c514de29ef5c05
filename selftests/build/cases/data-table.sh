# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A constant table.
# expect: refused data v.0
edit net/ipv4/tcp_cubic.c 's/\/\* 0x00 \*\/    0,/\/* 0x00 *\/    1,/'
