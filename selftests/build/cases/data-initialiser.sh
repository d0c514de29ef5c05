# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The initial value of a variable in use.
# expect: refused data hystart_detect
edit net/ipv4/tcp_cubic.c 's/^(static int hystart_detect __read_mostly = ).*/\11;/'
