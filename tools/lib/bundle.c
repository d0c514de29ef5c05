// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bundle.c - reading the .klp file: frame, limits, manifest, payload.
 *
 * Nothing here gives trust; bundle_verify.c does.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "bundle.h"
#include "bundle_frame.h"
#include "err.h"
#include "hex.h"
#include "manifest.h"

#define COUNT_LEN	sizeof(uint32_t)

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed bundle: %s", what);
}

static int check_header(const struct bundle_header *h, struct klp_err *err)
{
	static const uint8_t zero[sizeof(h->reserved)];

	if (memcmp(h->magic, BUNDLE_MAGIC, sizeof(h->magic)))
		return malformed(err, "it doesn't start with the magic of a .klp file");
	if (le32toh(h->format) != BUNDLE_FORMAT)
		return klp_err_set(err, -EPROTONOSUPPORT,
				   "bundle of format %u; this program knows %u: update it",
				   le32toh(h->format), BUNDLE_FORMAT);
	if (le32toh(h->header_len) != sizeof(*h) || memcmp(h->reserved, zero, sizeof(zero)))
		return malformed(err, "its header has another size or a reserved byte set");
	if (le32toh(h->codec) != BUNDLE_CODEC_ZSTD)
		return malformed(err, "its payload has an unknown codec");
	if (le32toh(h->manifest_len) > BUNDLE_MANIFEST_MAX)
		return klp_err_set(err, -EFBIG, "the bundle's manifest has %u bytes, over the limit of %u",
				   le32toh(h->manifest_len), BUNDLE_MANIFEST_MAX);
	if (le64toh(h->payload_len) > BUNDLE_PAYLOAD_MAX)
		return klp_err_set(err, -EFBIG, "the bundle's payload has %llu bytes, over the limit of %u",
				   (unsigned long long)le64toh(h->payload_len), BUNDLE_PAYLOAD_MAX);
	if (!h->manifest_len || !h->payload_len)
		return malformed(err, "its manifest or payload is empty");
	return 0;
}

struct bundle_signature bundle_frame_signature(const struct bundle_frame *f, size_t i)
{
	struct bundle_signature s;

	memcpy(&s, f->signatures + i * sizeof(s), sizeof(s));
	s.role = le32toh(s.role);
	s.reserved = le32toh(s.reserved);
	return s;
}

/* Each key once: a threshold must count keys, not signatures. */
static int check_signature(const struct bundle_frame *f, size_t i, struct klp_err *err)
{
	struct bundle_signature s = bundle_frame_signature(f, i), other;

	if (s.role != BUNDLE_ROLE_RELEASE || s.reserved)
		return malformed(err, "a signature has an unknown role or a reserved byte set");
	for (size_t k = 0; k < i; k++) {
		other = bundle_frame_signature(f, k);
		if (!memcmp(other.key_id, s.key_id, sizeof(s.key_id)))
			return malformed(err, "a key has signed twice");
	}
	return 0;
}

static bool is_attachment_name(const char name[BUNDLE_ATTACHMENT_NAME])
{
	size_t n = strnlen(name, BUNDLE_ATTACHMENT_NAME), i;

	for (i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name[i]))
			return false;
	for (; i < BUNDLE_ATTACHMENT_NAME; i++)
		if (name[i])
			return false;
	return n && n < BUNDLE_ATTACHMENT_NAME;
}

/* The attachment at @at, of which the file has @left bytes; its header in @out. */
static int parse_attachment(const uint8_t *at, size_t left, struct bundle_attachment *out, struct klp_err *err)
{
	struct bundle_attachment a;

	if (left < sizeof(a))
		return malformed(err, "it is truncated, or there are bytes behind its end");
	memcpy(&a, at, sizeof(a));
	a.len = le32toh(a.len);
	if (!is_attachment_name(a.name) || a.reserved || !a.len)
		return malformed(err, "an attachment has no name, is empty, or has a reserved byte set");
	if (a.len > BUNDLE_ATTACHMENT_MAX)
		return klp_err_set(err, -EFBIG, "the bundle's attachment %s has %u bytes, over the limit of %u",
				   a.name, a.len, BUNDLE_ATTACHMENT_MAX);
	if (left - sizeof(a) < a.len)
		return malformed(err, "it is truncated");
	*out = a;
	return 0;
}

/* Nothing, or attachments in the order of their names; the file ends exactly behind the last one. */
static int parse_attachments(const uint8_t *block, size_t len, struct bundle_frame *f, struct klp_err *err)
{
	char last[BUNDLE_ATTACHMENT_NAME] = "";
	struct bundle_attachment a;
	size_t at = COUNT_LEN;
	uint32_t nr;
	int ret;

	if (!len)
		return 0;
	if (len < COUNT_LEN)
		return malformed(err, "there are bytes behind its end");
	memcpy(&nr, block, sizeof(nr));
	nr = le32toh(nr);
	if (!nr || nr > BUNDLE_ATTACHMENTS_MAX)
		return klp_err_set(err, nr ? -EFBIG : -EBADMSG, "the bundle has %u attachments, not 1 to %u; or there are bytes behind its end",
				   nr, BUNDLE_ATTACHMENTS_MAX);
	for (uint32_t i = 0; i < nr; i++) {
		ret = parse_attachment(block + at, len - at, &a, err);
		if (ret)
			return ret;
		if (strcmp(a.name, last) <= 0)
			return malformed(err, "its attachments aren't in the order of their names, each once");
		memcpy(last, a.name, sizeof(last));
		at += sizeof(a) + a.len;
	}
	if (at != len)
		return malformed(err, "there are bytes behind its end");
	f->attachments = block + COUNT_LEN;
	f->attachments_len = len - COUNT_LEN;
	f->nr_attachments = nr;
	return 0;
}

bool bundle_frame_attachment(const struct bundle_frame *f, const char *name, const void **data, size_t *len)
{
	const uint8_t *at = f->attachments;
	struct bundle_attachment a;

	for (size_t i = 0; i < f->nr_attachments; i++) {
		if (parse_attachment(at, (size_t)(f->attachments + f->attachments_len - at), &a, NULL))
			return false;
		if (!strcmp(a.name, name)) {
			*data = at + sizeof(a);
			*len = a.len;
			return true;
		}
		at += sizeof(a) + a.len;
	}
	return false;
}

int bundle_frame_id(const struct bundle_frame *f, char out[BUNDLE_ID_LEN + 1])
{
	return sha256_hex(f->data, f->signed_len, out);
}

static int parse_signatures(const uint8_t *block, size_t len, struct bundle_frame *f,
			    struct klp_err *err)
{
	size_t end;
	uint32_t nr;
	int ret = 0;

	if (len < COUNT_LEN)
		return malformed(err, "it is truncated");
	memcpy(&nr, block, sizeof(nr));
	nr = le32toh(nr);
	if (nr > BUNDLE_SIGNATURES_MAX)
		return klp_err_set(err, -EFBIG, "the bundle has %u signatures, over the limit of %u",
				   nr, BUNDLE_SIGNATURES_MAX);
	end = COUNT_LEN + nr * sizeof(struct bundle_signature);
	if (len < end)
		return malformed(err, "it is truncated");
	f->signatures = block + COUNT_LEN;
	f->nr_signatures = nr;
	for (size_t i = 0; i < nr && !ret; i++)
		ret = check_signature(f, i, err);
	return ret ? ret : parse_attachments(block + end, len - end, f, err);
}

int bundle_frame_parse(const void *data, size_t len, struct bundle_frame *out,
		       struct klp_err *err)
{
	struct bundle_frame f = { .data = data };
	struct bundle_header h;
	int ret;

	if (len > BUNDLE_MAX)
		return klp_err_set(err, -EFBIG, "the bundle has %zu bytes, over the limit of %u",
				   len, BUNDLE_MAX);
	if (len < sizeof(h))
		return malformed(err, "it is truncated in its header");
	memcpy(&h, data, sizeof(h));
	ret = check_header(&h, err);
	if (ret)
		return ret;
	f.manifest_len = le32toh(h.manifest_len);
	f.payload_len = le64toh(h.payload_len);
	f.signed_len = sizeof(h) + f.manifest_len + f.payload_len;	/* limits: no overflow */
	if (len < f.signed_len)
		return malformed(err, "it is truncated");
	f.manifest = f.data + sizeof(h);
	f.payload = f.manifest + f.manifest_len;
	ret = parse_signatures(f.data + f.signed_len, len - f.signed_len, &f, err);
	if (!ret)
		*out = f;
	return ret;
}

/*
 * One zstd frame that fills the payload and says how much it holds.  A bomb ends
 * here: nothing is ever decompressed into more than the signed size.
 */
static int check_payload(const struct bundle_frame *f, const struct manifest *m,
			 struct klp_err *err)
{
	unsigned long long size = ZSTD_getFrameContentSize(f->payload, f->payload_len);

	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
		return malformed(err, "its payload is not zstd, or doesn't tell its size");
	if (size > BUNDLE_MODULE_MAX || m->module_size > BUNDLE_MODULE_MAX)
		return klp_err_set(err, -EFBIG,
				   "the bundle's module would have %llu bytes, over the limit of %u",
				   size > m->module_size ? size : (unsigned long long)m->module_size,
				   BUNDLE_MODULE_MAX);
	if (size != m->module_size)
		return malformed(err, "its payload's size isn't what the manifest says");
	if (ZSTD_findFrameCompressedSize(f->payload, f->payload_len) != f->payload_len)
		return malformed(err, "its payload isn't exactly one zstd frame");
	return 0;
}

/* One content, one spelling: what was signed is what we would write. */
static int check_canonical(const struct bundle_frame *f, const struct manifest *m,
			   struct klp_err *err)
{
	char *text;
	size_t len;
	int ret;

	ret = manifest_format(m, &text, &len, err);
	if (ret)
		return ret;
	if (len != f->manifest_len || memcmp(text, f->manifest, len))
		ret = malformed(err, "its manifest isn't canonical JSON");
	free(text);
	return ret;
}

int bundle_from_frame(const struct bundle_frame *f, struct bundle **out, struct klp_err *err)
{
	struct bundle *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return klp_err_sys(err, -ENOMEM, "cannot read a bundle");
	b->frame = *f;
	ret = manifest_parse(f->manifest, f->manifest_len, &b->manifest, err);
	if (!ret)
		ret = manifest_check(b->manifest, err);
	if (!ret)
		ret = check_canonical(f, b->manifest, err);
	if (!ret)
		ret = check_payload(f, b->manifest, err);
	if (ret) {
		bundle_free(b);
		return ret;
	}
	*out = b;
	return 0;
}

int bundle_parse(const void *data, size_t len, struct bundle **out, struct klp_err *err)
{
	struct bundle_frame f;
	int ret;

	ret = bundle_frame_parse(data, len, &f, err);
	return ret ? ret : bundle_from_frame(&f, out, err);
}

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	manifest_free(b->manifest);
	free(b);
}

const struct manifest *bundle_manifest(const struct bundle *b)
{
	return b->manifest;
}

size_t bundle_nr_signatures(const struct bundle *b)
{
	return b->frame.nr_signatures;
}

const uint8_t *bundle_signature_key(const struct bundle *b, size_t i)
{
	return b->frame.signatures + i * sizeof(struct bundle_signature) +
	       offsetof(struct bundle_signature, key_id);
}

uint32_t bundle_signature_role(const struct bundle *b, size_t i)
{
	return bundle_frame_signature(&b->frame, i).role;
}

bool bundle_attachment(const struct bundle *b, const char *name, const void **data, size_t *len)
{
	return bundle_frame_attachment(&b->frame, name, data, len);
}

int bundle_extract(const struct bundle *b, void **out, size_t *len, struct klp_err *err)
{
	const struct manifest *m = b->manifest;
	char digest[SHA256_HEX_LEN + 1];
	void *module;
	size_t n;

	module = malloc(m->module_size);
	if (!module)
		return klp_err_sys(err, -ENOMEM, "cannot decompress a bundle");
	n = ZSTD_decompress(module, m->module_size, b->frame.payload, b->frame.payload_len);
	if (ZSTD_isError(n) || n != m->module_size) {
		free(module);
		return malformed(err, "its payload can't be decompressed");
	}
	if (sha256_hex(module, n, digest) || strcmp(digest, m->module_digest)) {
		free(module);
		return klp_err_set(err, -EKEYREJECTED,
				   "the module in the bundle of %s isn't the one that its manifest names: the digest differs",
				   m->name);
	}
	*out = module;
	*len = n;
	return 0;
}

int bundle_signed_message(const void *data, size_t signed_len, uint32_t role,
			  void **out, size_t *len, struct klp_err *err)
{
	uint32_t le_role = htole32(role);
	char *message = malloc(signed_len + sizeof(le_role));

	if (!message)
		return klp_err_sys(err, -ENOMEM, "cannot check or make a signature");
	memcpy(message, data, signed_len);
	memcpy(message + signed_len, &le_role, sizeof(le_role));
	*out = message;
	*len = signed_len + sizeof(le_role);
	return 0;
}
