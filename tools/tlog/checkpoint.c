// SPDX-License-Identifier: GPL-2.0-or-later
/* checkpoint.c - see checkpoint.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "checkpoint.h"
#include "err.h"

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed checkpoint: %s", what);
}

int tlog_checkpoint_parse(struct tlog_slice text, struct tlog_checkpoint *out, struct klp_err *err)
{
	struct tlog_checkpoint cp = { 0 };
	struct tlog_slice line;
	size_t len;

	if (tlog_line(&text, &line) || !tlog_name_valid(line))
		return malformed(err, "its origin is missing, too long, or has spaces or what isn't ASCII");
	memcpy(cp.origin, line.at, line.len);
	if (tlog_line(&text, &line) || tlog_number(line, &cp.size))
		return malformed(err, "its size isn't a number from 0 to 2^63 - 1");
	if (tlog_line(&text, &line) || tlog_base64_decode(line.at, line.len, cp.root.bytes, sizeof(cp.root.bytes), &len) ||
	    len != sizeof(cp.root.bytes))
		return malformed(err, "its root isn't the base64 of 32 bytes");
	while (text.len) {
		if (tlog_line(&text, &line) || !line.len)
			return malformed(err, "an extension line is empty");
	}
	*out = cp;
	return 0;
}

void tlog_checkpoint_format(const struct tlog_checkpoint *cp, char out[TLOG_CHECKPOINT_ROOM])
{
	char root[TLOG_BASE64_LEN(sizeof(cp->root.bytes)) + 1];

	tlog_base64_encode(cp->root.bytes, sizeof(cp->root.bytes), root);
	snprintf(out, TLOG_CHECKPOINT_ROOM, "%s\n%" PRIu64 "\n%s\n", cp->origin, cp->size, root);
}

int tlog_checkpoint_open(const struct tlog_note *note, const struct tlog_key *log, struct tlog_checkpoint *out,
			 struct klp_err *err)
{
	struct tlog_checkpoint cp;
	int ret;

	ret = tlog_note_verify(note, log, NULL, err);
	if (!ret)
		ret = tlog_checkpoint_parse(note->text, &cp, err);
	if (ret)
		return ret;
	if (strcmp(cp.origin, log->name))
		return klp_err_set(err, -EBADMSG, "the checkpoint is of the log %s, not of %s, whose key has signed it",
				   cp.origin, log->name);
	*out = cp;
	return 0;
}
