/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metadata.h - a metadata file: what it claims, who may sign it, what was signed.
 *
 * A struct tuf_claim is well-formed, and nothing more is known of it.  A struct tuf_doc was signed by
 * whom its delegator names; only tuf_accept() makes one.
 */
#ifndef TUF_METADATA_H
#define TUF_METADATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fields.h"

struct klp_err;

/* The file as it came is kept beside its parts: it is what gets stored. */
struct tuf_content {
	enum tuf_type type;
	int64_t version;
	int64_t expires;	/* s since 1970 */
	json_t *file;
	json_t *body;		/* the object "signed", of @file */
	char *canon;		/* what the signatures are over */
	size_t canon_len;
	void *bytes;
	size_t len;
};

struct tuf_claim { struct tuf_content content; };
struct tuf_doc { struct tuf_content content; };

/* Who may sign something, both of one file: the object of keys by id, and {"keyids", "threshold"}. */
struct tuf_authority {
	const json_t *keys;
	const json_t *role;
};

/* What a timestamp or a snapshot says of another file. */
struct tuf_meta {
	int64_t version;
	int64_t length;		/* bytes, or -1: isn't told */
	const json_t *hashes;	/* of the file that says it; NULL: aren't told */
};

/*
 * Parse a file that should be of @type, all of it, against tuf_limits.h.  Pure: nothing is asked or kept.
 * -EBADMSG: malformed, another type or another major version of the specification; -E2BIG: over a limit.
 */
int tuf_parse(const void *data, size_t len, enum tuf_type type, struct tuf_claim **out, struct klp_err *err);
void tuf_claim_free(struct tuf_claim *claim);
void tuf_doc_free(struct tuf_doc *doc);

/* The fields that differ by type (structure.c); tuf_parse() calls it. */
int tuf_check_structure(const struct tuf_content *c, struct klp_err *err);

/* Who signs top-level @role, says @root. */
struct tuf_authority tuf_root_authority(const struct tuf_content *root, enum tuf_type role);
/* What @doc, a timestamp or a snapshot, says of "NAME.json"; false: nothing. */
bool tuf_meta_of(const struct tuf_doc *doc, const char *name, struct tuf_meta *out);

/*
 * verify.c.  Turn @claim into a doc if each of @nr authorities' thresholds of different keys signed it; it is freed either way.
 * A key that is listed under several ids counts once; a signature that is wrong, or by somebody else, counts
 * nothing.  -EKEYREJECTED: too few.
 */
int tuf_accept(struct tuf_claim *claim, const struct tuf_authority *by, size_t nr, struct tuf_doc **out,
	       struct klp_err *err);
/*
 * Is the data what @hashes, {"sha256": hex, "sha512": hex}, say?  Algorithms that we don't know are passed
 * over, but one must be known.  -EBADMSG: no.
 */
int tuf_check_hashes(const json_t *hashes, const void *data, size_t len, struct klp_err *err);
/* Is the data the file that @meta tells, by its length and hashes where they are told?  -EBADMSG: no. */
int tuf_check_meta(const struct tuf_meta *meta, const void *data, size_t len, struct klp_err *err);

#endif
