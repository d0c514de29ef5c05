# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A comment in a header with many users, and the fix in one of them; the lines behind it move.
# expect: built
# functions: sock_no_bind
# units: 1
# kernels: 6.1 6.12
edit include/net/sock.h 's|^struct sock_common \{|/*\n * More words.\n * And more.\n */\n&|'
enter net/core/sock.c sock_no_bind '	if (len == 4242) return -EBADF;'
