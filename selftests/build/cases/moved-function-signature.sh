# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One that moves and takes something else: the units that call its old place wouldn't know.
# expect: refused signature free_msg
edit ipc/msgutil.c '/^void free_msg/,/^}/d; s/free_msg\(msg\);/free_msg(msg, 0);/; s/^#include "util.h"/#define free_msg old_free_msg\n&\n#undef free_msg\nvoid free_msg(struct msg_msg *msg, int flags);/'
edit ipc/namespace.c 's/^#include "util.h"/#include <linux\/security.h>\n#define free_msg old_free_msg\n&\n#undef free_msg\nvoid free_msg(struct msg_msg *msg, int flags);/'
before ipc/namespace.c free_ipc_ns 'void free_msg(struct msg_msg *msg, int flags)
{
	security_msg_msg_free(msg);
	if (flags) kfree(msg);
}'
