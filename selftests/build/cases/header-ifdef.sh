# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A header that 1,375 units include gets an #if of its own: only who names what is in it is compiled.
# expect: built
# functions: sock_no_bind
# units: 1
# kernels: 6.1
edit include/net/sock.h '$s|^#endif.*|#ifdef CONFIG_INET\nstatic inline bool sk_is_answer(const struct sock *sk)\n{\n\treturn sk->sk_mark == 42;\n}\n#else\nstatic inline bool sk_is_answer(const struct sock *sk) { return false; }\n#endif\n&|'
enter net/core/sock.c sock_no_bind '	if (sk_is_answer(sock->sk)) return -EBADF;'
