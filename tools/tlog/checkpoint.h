/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checkpoint.h - C2SP tlog-checkpoint: which log, how many leaves, which root; signed by the log.
 *
 * Only what verifies a signature makes a struct tlog_checkpoint: tlog_checkpoint_open() for one key, tlog_policy_open()
 * for a policy.
 */
#ifndef TLOG_CHECKPOINT_H
#define TLOG_CHECKPOINT_H

#include <stdint.h>

#include "merkle.h"
#include "note.h"

/* Origin, size, root, a newline behind each, NUL included. */
#define TLOG_CHECKPOINT_ROOM	(TLOG_NAME_MAX + 1 + 20 + 1 + 44 + 1 + 1)

struct tlog_checkpoint {
	char origin[TLOG_NAME_MAX + 1];
	uint64_t size;
	struct tlog_hash root;
};

/*
 * Of a note's text, unverified.  More lines behind the first three are ignored, as they may be anything.  -EBADMSG: not a
 * checkpoint.
 */
int tlog_checkpoint_parse(struct tlog_slice text, struct tlog_checkpoint *out, struct klp_err *err);
void tlog_checkpoint_format(const struct tlog_checkpoint *cp, char out[TLOG_CHECKPOINT_ROOM]);

/*
 * The note's checkpoint, signed by @log and of the origin that is @log's name.  -ENOKEY, -EKEYREJECTED as
 * tlog_note_verify(); -EBADMSG: malformed, or of another origin.
 */
int tlog_checkpoint_open(const struct tlog_note *note, const struct tlog_key *log, struct tlog_checkpoint *out,
			 struct klp_err *err);

#endif
