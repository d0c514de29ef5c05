/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - is it in a log that this policy trusts?  All that is asked is here: no network, no clock. */
#ifndef TLOG_CHECK_H
#define TLOG_CHECK_H

#include <stddef.h>

#include "leaf.h"

struct tlog_policy;

/* A bundle's attachment with its proof. */
#define TLOG_ATTACHMENT	"log-proof"

/*
 * Does @proof (C2SP tlog-proof) show that @want, its time aside, is a leaf of one of the policy's logs, as its witnesses have
 * seen it?  -EBADMSG: malformed, or the hashes don't lead to the root; -EKEYREJECTED: it is the proof of something else, or a
 * signature is wrong; -ENOKEY, -EACCES as tlog_policy_open(); -EFBIG.
 */
int tlog_check(const struct tlog_policy *policy, const char *proof, size_t len, const struct tlog_leaf *want,
	       struct klp_err *err);

#endif
