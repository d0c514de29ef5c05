# SPDX-License-Identifier: GPL-2.0-or-later
# One spelling for all of a file's names, also without a/ and b/.
# expect: built
# functions: sock_map_alloc
# file: net/core/sock_map.c compiled
enter net/core/sock_map.c sock_map_alloc '	if (attr->max_entries > 77777777) return ERR_PTR(-E2BIG);'
redo 's|^--- a/net/core/sock_map.c|--- ./net//core/sock_m\\141p.c|; s|^(--- )(.*)$|\1"\2"|; s|^\+\+\+ b/.*|+++ net/./core/sock_map.c|'
