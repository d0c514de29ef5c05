/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.h - C2SP tlog-proof ("c2sp.org/tlog-proof@v1"): a leaf's place in a log, the hashes up to the root, and the
 * checkpoint with that root.  Our "extra" data is the leaf itself, which nobody but the log has otherwise: its time.
 */
#ifndef TLOG_PROOF_H
#define TLOG_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "merkle.h"
#include "text.h"
#include "tlog_limits.h"

/* Unverified. */
struct tlog_proof {
	uint8_t leaf[TLOG_LEAF_MAX];	/* the extra data */
	size_t leaf_len;		/* 0: there are none */
	uint64_t index;
	struct tlog_hash path[TLOG_PATH_MAX];
	size_t nr;
	struct tlog_slice checkpoint;	/* a note; borrows the bytes that were parsed */
};

/* A pure function of (data, len).  -EBADMSG: malformed; -EFBIG: over a limit. */
int tlog_proof_parse(const char *data, size_t len, struct tlog_proof *out, struct klp_err *err);
/* *out is malloc()ed. */
int tlog_proof_format(const struct tlog_proof *proof, char **out, size_t *len, struct klp_err *err);

#endif
