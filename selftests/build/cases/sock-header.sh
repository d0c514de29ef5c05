# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# The header of 1,375 units: a member in struct sock is refused after a few of them.
# expect: refused struct struct sock
# options: -v
# after: stopped-early
edit include/net/sock.h 's/^(\tint[[:space:]]+sk_rcvlowat;)$/\1\n\tint sk_qp;/'
