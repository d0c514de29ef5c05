/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * note.h - C2SP signed notes: a text, an empty line, and a line for each signature.
 *
 * Two kinds of keys: a log's (Ed25519 over the text) and a witness's (tlog-cosignature, "cosignature/v1": over a
 * time and the text).  A key is told from others by its name and a 32-bit id, both together; by signatures of unknown
 * keys nothing is gained or lost.  A wrong signature of a known key refuses the note.
 */
#ifndef TLOG_NOTE_H
#define TLOG_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "text.h"
#include "tlog_limits.h"

#define TLOG_PUBLIC_LEN	32	/* bytes of an Ed25519 public key */
/* name "+" 8 hex digits "+" base64 of kind and key, NUL included */
#define TLOG_VKEY_ROOM	(TLOG_NAME_MAX + 10 + 44 + 1)
/* "— " name " " base64 of id, time, signature, and a newline, NUL included */
#define TLOG_SIGNATURE_ROOM	(4 + TLOG_NAME_MAX + 1 + 104 + 1 + 1)

struct klp_err;
struct signing_key;

enum tlog_key_kind {
	TLOG_LOG = 1,		/* the C2SP signature types' own numbers */
	TLOG_WITNESS = 4,
};

struct tlog_key {
	enum tlog_key_kind kind;
	char name[TLOG_NAME_MAX + 1];
	uint32_t id;
	uint8_t public[TLOG_PUBLIC_LEN];
};

/* A key of that name.  -EINVAL: a name with spaces, "+", or what isn't ASCII, or too long. */
int tlog_key_make(enum tlog_key_kind kind, const char *name, const uint8_t public[TLOG_PUBLIC_LEN],
		  struct tlog_key *out, struct klp_err *err);
/* From its vkey, "NAME+ID+BASE64".  -EINVAL: isn't one, of another kind, or the id isn't the key's. */
int tlog_key_parse(struct tlog_slice vkey, enum tlog_key_kind kind, struct tlog_key *out, struct klp_err *err);
void tlog_key_format(const struct tlog_key *key, char out[TLOG_VKEY_ROOM]);

struct tlog_signature {
	struct tlog_slice line;		/* all of it, without its newline */
	struct tlog_slice name;
	uint32_t id;
	struct tlog_slice base64;
};

/* Borrows the bytes that it was parsed from; unverified. */
struct tlog_note {
	struct tlog_slice text;		/* with its last newline */
	struct tlog_signature signatures[TLOG_SIGNATURES_MAX];
	size_t nr;
};

/* A pure function of (data, len).  -EBADMSG: malformed; -EFBIG: over a limit. */
int tlog_note_parse(const char *data, size_t len, struct tlog_note *out, struct klp_err *err);
/*
 * 0: @key has signed it; @time (may be NULL) is when, in seconds since 1970, for a witness, or 0.  -ENOKEY: it hasn't;
 * -EKEYREJECTED: a line claims so and is wrong.
 */
int tlog_note_verify(const struct tlog_note *note, const struct tlog_key *key, uint64_t *time, struct klp_err *err);
/* @private's signature of @text as @key, a line with its newline.  @time counts for a witness only. */
int tlog_note_sign(struct tlog_slice text, const struct tlog_key *key, const struct signing_key *private, uint64_t time,
		   char out[TLOG_SIGNATURE_ROOM], struct klp_err *err);

#endif
