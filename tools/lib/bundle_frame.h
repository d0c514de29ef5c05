/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle_frame.h - the bytes of a .klp file, for bundle*.c alone.
 *
 * docs/bundle-format.md is the description; everything is little endian.  The
 * frame is found without looking into the manifest or the payload, so that
 * neither is parsed before the signatures over them hold.
 */
#ifndef KLP_BUNDLE_FRAME_H
#define KLP_BUNDLE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "bundle.h"
#include "sign.h"

/* As PNG's: a high bit, CR LF and ^Z show a transfer that took it for text. */
#define BUNDLE_MAGIC		"\x89KLP\r\n\x1a\n"
#define BUNDLE_FORMAT		1
#define BUNDLE_CODEC_ZSTD	1

struct bundle_header {
	uint8_t magic[8];
	uint32_t format;	/* BUNDLE_FORMAT */
	uint32_t header_len;	/* sizeof(struct bundle_header) */
	uint32_t manifest_len;
	uint32_t codec;		/* BUNDLE_CODEC_* of the payload */
	uint64_t payload_len;	/* compressed */
	uint8_t reserved[32];	/* 0 */
};
_Static_assert(sizeof(struct bundle_header) == 64, "bundle_header");

/* The signature block: a 32-bit count, then as many of these, and the file ends. */
struct bundle_signature {
	uint8_t key_id[KEY_ID_LEN];
	uint32_t role;		/* BUNDLE_ROLE_* */
	uint32_t reserved;	/* 0 */
	uint8_t signature[SIGNATURE_LEN];
};
_Static_assert(sizeof(struct bundle_signature) == 104, "bundle_signature");

/*
 * What was attached later, behind the signatures: nothing at all, or a 32-bit count of 1 or more, then
 * as many of these, each followed by its bytes, in the order of their names.
 */
struct bundle_attachment {
	char name[BUNDLE_ATTACHMENT_NAME];	/* a-z, 0-9 and '-', padded with NULs, at least one */
	uint32_t len;		/* 1 to BUNDLE_ATTACHMENT_MAX */
	uint32_t reserved;	/* 0 */
};
_Static_assert(sizeof(struct bundle_attachment) == 32, "bundle_attachment");

/* Where the parts lie; borrows the bytes. */
struct bundle_frame {
	const uint8_t *data;
	size_t signed_len;	/* header, manifest, payload */
	const uint8_t *manifest;
	size_t manifest_len;
	const uint8_t *payload;
	size_t payload_len;
	const uint8_t *signatures;	/* nr * sizeof(struct bundle_signature), unaligned */
	size_t nr_signatures;
	const uint8_t *attachments;	/* the first one's header */
	size_t attachments_len;		/* bytes of all of them, to the end of the file */
	size_t nr_attachments;
};

struct bundle {
	struct bundle_frame frame;
	struct manifest *manifest;
};

/* A pure function of (data, len); errors as bundle_parse(). */
int bundle_frame_parse(const void *data, size_t len, struct bundle_frame *out,
		       struct klp_err *err);
struct bundle_signature bundle_frame_signature(const struct bundle_frame *f, size_t i);
/* The bytes attached under @name; false: there are none. */
bool bundle_frame_attachment(const struct bundle_frame *f, const char *name, const void **data, size_t *len);
/* SHA-256 of the signed part, in hex; -EIO. */
int bundle_frame_id(const struct bundle_frame *f, char out[BUNDLE_ID_LEN + 1]);
/* The rest of bundle_parse(), for a frame that was found. */
int bundle_from_frame(const struct bundle_frame *f, struct bundle **out, struct klp_err *err);
/*
 * What a signature of @role covers: the signed bytes, then the role as 32 bits,
 * so that a signature can't be moved to another role.  *out is malloc()ed.
 */
int bundle_signed_message(const void *data, size_t signed_len, uint32_t role,
			  void **out, size_t *len, struct klp_err *err);

#endif
