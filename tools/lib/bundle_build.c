// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bundle_build.c - writing the .klp file, and adding signatures and attachments to one.
 */
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "bundle.h"
#include "bundle_frame.h"
#include "err.h"
#include "hex.h"
#include "manifest.h"

#define ZSTD_LEVEL	19

struct part {
	void *data;
	size_t len;
};

static int compress(const void *module, size_t len, struct part *out, struct klp_err *err)
{
	size_t room = ZSTD_compressBound(len), n;
	void *data = malloc(room);

	if (!data)
		return klp_err_sys(err, -ENOMEM, "cannot compress the module");
	n = ZSTD_compress(data, room, module, len, ZSTD_LEVEL);
	if (ZSTD_isError(n) || n > BUNDLE_PAYLOAD_MAX) {
		free(data);
		return klp_err_set(err, -EFBIG, "cannot compress the module into %u bytes: %s",
				   BUNDLE_PAYLOAD_MAX, ZSTD_getErrorName(n));
	}
	out->data = data;
	out->len = n;
	return 0;
}

/* @m with the payload's digest and size, checked and as JSON. */
static int complete_manifest(const struct manifest *m, const void *module, size_t module_len,
			     struct part *out, struct klp_err *err)
{
	char digest[SHA256_HEX_LEN + 1], *text;
	struct manifest full = *m;
	int ret;

	if (sha256_hex(module, module_len, digest))
		return klp_err_set(err, -EIO, "cannot compute the module's digest");
	full.module_digest = digest;
	full.module_size = module_len;
	ret = manifest_check(&full, err);
	if (!ret)
		ret = manifest_format(&full, &text, &out->len, err);
	if (ret)
		return ret;
	out->data = text;
	if (out->len > BUNDLE_MANIFEST_MAX)
		return klp_err_set(err, -EFBIG, "the manifest has %zu bytes, over the limit of %u",
				   out->len, BUNDLE_MANIFEST_MAX);
	return 0;
}

/* Header, manifest, payload and a signature count of 0: an unsigned bundle. */
static int frame(const struct part *manifest, const struct part *payload, struct part *out,
		 struct klp_err *err)
{
	struct bundle_header h = {
		.magic = BUNDLE_MAGIC,
		.format = htole32(BUNDLE_FORMAT),
		.header_len = htole32(sizeof(h)),
		.manifest_len = htole32((uint32_t)manifest->len),
		.codec = htole32(BUNDLE_CODEC_ZSTD),
		.payload_len = htole64(payload->len),
	};
	size_t len = sizeof(h) + manifest->len + payload->len + sizeof(uint32_t);
	char *p = calloc(1, len);

	if (!p)
		return klp_err_sys(err, -ENOMEM, "cannot build a bundle");
	out->data = p;
	out->len = len;
	memcpy(p, &h, sizeof(h));
	memcpy(p + sizeof(h), manifest->data, manifest->len);
	memcpy(p + sizeof(h) + manifest->len, payload->data, payload->len);
	return 0;
}

static int make_signature(const struct bundle_frame *f, const struct signing_key *key,
			  struct bundle_signature *out, struct klp_err *err)
{
	struct bundle_signature s = { .role = htole32(BUNDLE_ROLE_RELEASE) };
	void *message;
	size_t len;
	int ret;

	memcpy(s.key_id, signing_key_id(key), sizeof(s.key_id));
	ret = bundle_signed_message(f->data, f->signed_len, BUNDLE_ROLE_RELEASE,
				    &message, &len, err);
	if (ret)
		return ret;
	ret = signing_key_sign(key, message, len, s.signature, err);
	free(message);
	if (!ret)
		*out = s;
	return ret;
}

static int check_signable(const struct bundle_frame *f, const struct signing_key *key,
			  struct klp_err *err)
{
	struct bundle_signature s;

	if (f->nr_signatures == BUNDLE_SIGNATURES_MAX)
		return klp_err_set(err, -EFBIG, "the bundle has %u signatures already, the limit",
				   BUNDLE_SIGNATURES_MAX);
	for (size_t i = 0; i < f->nr_signatures; i++) {
		s = bundle_frame_signature(f, i);
		if (!memcmp(s.key_id, signing_key_id(key), KEY_ID_LEN))
			return klp_err_set(err, -EEXIST, "this key has signed the bundle already");
	}
	return 0;
}

int bundle_sign(const void *data, size_t len, const struct signing_key *key,
		void **out, size_t *out_len, struct klp_err *err)
{
	struct bundle_signature s;
	struct bundle_frame f;
	uint32_t nr;
	size_t end;
	char *p;
	int ret;

	ret = bundle_frame_parse(data, len, &f, err);
	if (!ret)
		ret = check_signable(&f, key, err);
	if (!ret)
		ret = make_signature(&f, key, &s, err);
	if (ret)
		return ret;
	p = malloc(len + sizeof(s));
	if (!p)
		return klp_err_sys(err, -ENOMEM, "cannot sign a bundle");
	end = (size_t)(f.signatures - f.data) + f.nr_signatures * sizeof(s);
	memcpy(p, data, end);
	memcpy(p + end, &s, sizeof(s));
	memcpy(p + end + sizeof(s), (const char *)data + end, len - end);
	nr = htole32((uint32_t)f.nr_signatures + 1);
	memcpy(p + f.signed_len, &nr, sizeof(nr));
	*out = p;
	*out_len = len + sizeof(s);
	return 0;
}

static int sign_all(struct part *bundle, struct signing_key *const *keys, size_t nr_keys,
		    struct klp_err *err)
{
	struct part next;
	int ret = 0;

	for (size_t i = 0; i < nr_keys && !ret; i++) {
		ret = bundle_sign(bundle->data, bundle->len, keys[i], &next.data, &next.len, err);
		if (ret)
			break;
		free(bundle->data);
		*bundle = next;
	}
	return ret;
}

int bundle_build(const struct manifest *m, const void *module, size_t module_len,
		 struct signing_key *const *keys, size_t nr_keys,
		 void **out, size_t *out_len, struct klp_err *err)
{
	struct part manifest = { 0 }, payload = { 0 }, bundle = { 0 };
	int ret;

	if (!module_len || module_len > BUNDLE_MODULE_MAX)
		return klp_err_set(err, -EFBIG, "the module has %zu bytes; a bundle holds 1 to %u",
				   module_len, BUNDLE_MODULE_MAX);
	ret = complete_manifest(m, module, module_len, &manifest, err);
	if (!ret)
		ret = compress(module, module_len, &payload, err);
	if (!ret)
		ret = frame(&manifest, &payload, &bundle, err);
	if (!ret)
		ret = sign_all(&bundle, keys, nr_keys, err);
	free(manifest.data);
	free(payload.data);
	if (ret) {
		free(bundle.data);
		return ret;
	}
	*out = bundle.data;
	*out_len = bundle.len;
	return 0;
}

/* One attachment, header and bytes, at @to; returns where the next one goes. */
static char *put_attachment(char *to, const char *name, const void *data, size_t len)
{
	struct bundle_attachment a = { .len = htole32((uint32_t)len) };

	memcpy(a.name, name, strlen(name));
	memcpy(to, &a, sizeof(a));
	memcpy(to + sizeof(a), data, len);
	return to + sizeof(a) + len;
}

/* Those of @f at @to, with @name's among them, in their order; returns how many there are. */
static uint32_t put_attachments(const struct bundle_frame *f, char **to, const char *name, const void *extra, size_t len)
{
	const uint8_t *at = f->attachments;
	struct bundle_attachment a;
	bool done = false;
	uint32_t nr = 0;

	for (size_t i = 0; i < f->nr_attachments; i++) {
		memcpy(&a, at, sizeof(a));
		at += sizeof(a);
		if (!done && strcmp(a.name, name) >= 0) {
			*to = put_attachment(*to, name, extra, len);
			done = true;
			nr++;
		}
		if (strcmp(a.name, name)) {
			*to = put_attachment(*to, a.name, at, le32toh(a.len));
			nr++;
		}
		at += le32toh(a.len);
	}
	if (!done) {
		*to = put_attachment(*to, name, extra, len);
		nr++;
	}
	return nr;
}

int bundle_attach(const void *data, size_t len, const char *name, const void *extra, size_t extra_len,
		  void **out, size_t *out_len, struct klp_err *err)
{
	struct bundle_frame f, check;
	size_t start;
	uint32_t nr;
	char *p, *end;
	int ret;

	if (!*name || strlen(name) >= BUNDLE_ATTACHMENT_NAME)
		return klp_err_set(err, -EINVAL, "an attachment's name has 1 to %d characters, not \"%.80s\"",
				   BUNDLE_ATTACHMENT_NAME - 1, name);
	if (extra_len > BUNDLE_ATTACHMENT_MAX)
		return klp_err_set(err, -EFBIG, "attachment %s has %zu bytes, over the limit of %u", name, extra_len,
				   BUNDLE_ATTACHMENT_MAX);
	ret = bundle_frame_parse(data, len, &f, err);
	if (ret)
		return ret;
	p = malloc(len + sizeof(nr) + sizeof(struct bundle_attachment) + extra_len);
	if (!p)
		return klp_err_sys(err, -ENOMEM, "cannot attach %s to a bundle", name);
	start = (size_t)(f.signatures - f.data) + f.nr_signatures * sizeof(struct bundle_signature);
	memcpy(p, data, start);
	end = p + start + sizeof(nr);
	nr = htole32(put_attachments(&f, &end, name, extra, extra_len));
	memcpy(p + start, &nr, sizeof(nr));
	/* By the reader's own rules. */
	ret = bundle_frame_parse(p, (size_t)(end - p), &check, err);
	if (ret) {
		free(p);
		return ret == -EBADMSG ? klp_err_set(err, -EINVAL, "\"%s\" (%zu bytes) can't be attached: a name is of a-z, 0-9 and '-', and its content isn't empty", name, extra_len) : ret;
	}
	*out = p;
	*out_len = (size_t)(end - p);
	return 0;
}
