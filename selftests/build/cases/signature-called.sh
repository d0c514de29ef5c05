# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016
# One unit calls it in the new way; another, which isn't in the fix, knows only the old.
# expect: refused signature free_msg
edit ipc/msgutil.c 's/^void free_msg\(struct msg_msg \*msg\)/void free_msg(struct msg_msg *msg, int flags)/; s/free_msg\(msg\);/free_msg(msg, 0);/; s/^#include "util.h"/#define free_msg old_free_msg\n&\n#undef free_msg\nvoid free_msg(struct msg_msg *msg, int flags);/'
