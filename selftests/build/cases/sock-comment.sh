# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The same header, but nothing that the compiler sees changes: no unit is compiled.
# expect: nothing
# kernels: 6.1
# options: -v
# after: none-compiled
edit include/net/sock.h 's|^(\tint[[:space:]]+sk_rcvlowat;)$|\1 /* bytes */|'
