/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - C2SP tlog-policy: which logs count, which witnesses, and how many of them make a quorum.
 *
 *	log example.com/patches+1a2b3c4d+AR…
 *	witness w1 example.org/w1+5e6f7081+BK…
 *	witness w2 …
 *	group all-of-them 2 w1 w2 w3
 *	quorum all-of-them
 *	bundles require
 *
 * The last line is ours: what klp-apply does with a bundle that has no proof ("require": refuse it; "if-present": take
 * it; a proof that is there has to hold in both; "off").  Without it: require.
 */
#ifndef TLOG_POLICY_H
#define TLOG_POLICY_H

#include <stddef.h>

#include "checkpoint.h"
#include "note.h"

struct tlog_policy;

enum tlog_demand { TLOG_REQUIRE, TLOG_IF_PRESENT, TLOG_OFF };

/*
 * A pure function of (data, len).  -EINVAL: a line that isn't understood, a key or a name twice, a log's key that is a
 * witness's as well, a quorum that can't be reached or isn't there, no log; the text tells the line.
 */
int tlog_policy_parse(const char *data, size_t len, struct tlog_policy **out, struct klp_err *err);
void tlog_policy_free(struct tlog_policy *policy);
enum tlog_demand tlog_policy_demand(const struct tlog_policy *policy);

/*
 * The note's checkpoint, signed by one of the policy's logs, whose name is its origin, and cosigned by a quorum of its
 * witnesses; one that signs twice counts once.  -ENOKEY: no log of the policy; -EACCES: too few witnesses; -EKEYREJECTED: a
 * known key's signature is wrong; -EBADMSG: malformed, or of another origin.
 */
int tlog_policy_open(const struct tlog_policy *policy, const struct tlog_note *note, struct tlog_checkpoint *out,
		     struct klp_err *err);
/* The same without any witness: for who keeps a log, witnesses or audits it. */
int tlog_policy_open_log(const struct tlog_policy *policy, const struct tlog_note *note, struct tlog_checkpoint *out,
			 struct klp_err *err);
/* The witness that has made this line, or NULL; verified. */
const struct tlog_key *tlog_policy_witness(const struct tlog_policy *policy, const struct tlog_note *note, size_t i);

#endif
