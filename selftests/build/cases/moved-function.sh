# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# A function that moves to another file: units that the fix doesn't touch still call its old place, which is redirected.
# expect: built
# functions: free_msg load_msg
edit ipc/msgutil.c '/^void free_msg/,/^}/d'
before ipc/namespace.c free_ipc_ns 'void free_msg(struct msg_msg *msg)
{
	security_msg_msg_free(msg);
	kfree(msg);
}'
edit ipc/namespace.c 's/^#include "util.h"/#include <linux\/security.h>\n&/'
