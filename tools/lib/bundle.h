/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.h - the .klp file: one signed manifest and one patch module.
 *
 * docs/bundle-format.md gives the bytes.  Two types keep levels of trust
 * apart: struct bundle is parsed and untrusted; struct verified_bundle comes
 * only out of bundle_verify() and owns a sealed copy of exactly the bytes
 * that were verified.  Only the second can be installed.
 */
#ifndef KLP_BUNDLE_H
#define KLP_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a signature says.  Covered by the signature. */
#define BUNDLE_ROLE_RELEASE	1	/* "this may be loaded" */

/* Limits, all in bytes but the numbers of signatures and attachments. */
#define BUNDLE_MANIFEST_MAX	(1u << 20)
#define BUNDLE_PAYLOAD_MAX	(32u << 20)	/* compressed */
#define BUNDLE_MODULE_MAX	(64u << 20)	/* decompressed */
#define BUNDLE_SIGNATURES_MAX	16u
#define BUNDLE_ATTACHMENTS_MAX	16u
#define BUNDLE_ATTACHMENT_MAX	(64u << 10)
#define BUNDLE_ATTACHMENT_NAME	24	/* with its NUL */
#define BUNDLE_MAX		(34u << 20)	/* the whole file */

#define BUNDLE_ID_LEN		64	/* hex digits */

struct klp_err;
struct manifest;
struct keyring;
struct signing_key;
struct bundle;
struct verified_bundle;

/* ---- reading ---- */

/*
 * Parse @len bytes at @data (which must outlive the result); checks framing,
 * limits and manifest, not signatures.  -EBADMSG: malformed or truncated,
 * -EFBIG: over a limit, -EPROTONOSUPPORT: newer format.
 */
int bundle_parse(const void *data, size_t len, struct bundle **out, struct klp_err *err);
void bundle_free(struct bundle *b);
const struct manifest *bundle_manifest(const struct bundle *b);
size_t bundle_nr_signatures(const struct bundle *b);
/* Key id (KEY_ID_LEN bytes) and BUNDLE_ROLE_* of signature @i, both unverified. */
const uint8_t *bundle_signature_key(const struct bundle *b, size_t i);
uint32_t bundle_signature_role(const struct bundle *b, size_t i);
/*
 * What somebody attached under @name; false: nothing.  Nobody has signed it, and a program that doesn't
 * know the name passes it over: who uses it has to verify it by itself.
 */
bool bundle_attachment(const struct bundle *b, const char *name, const void **data, size_t *len);
/*
 * The unverified module, decompressed and compared with the manifest's size and
 * digest, for looking at only.  *out is malloc()ed.  -EKEYREJECTED: digest.
 */
int bundle_extract(const struct bundle *b, void **out, size_t *len, struct klp_err *err);

/*
 * Copy @fd's content to a sealed memfd, parse and verify *that* against
 * @keyring, decompress the module into a second sealed memfd.
 * With @insecure a bundle without any signature is let through (a wrong
 * signature never is); verified_bundle_insecure() then says so.
 * -EBADMSG, -EFBIG, -EPROTONOSUPPORT as above, the last one also for a bundle that wants a newer
 * tool; -ENOKEY: unsigned, or signed by fewer keys of the keyring than its threshold;
 * -EKEYREJECTED: a signature or digest doesn't match.
 */
int bundle_verify(int fd, const struct keyring *keyring, bool insecure,
		  struct verified_bundle **out, struct klp_err *err);
void verified_bundle_free(struct verified_bundle *vb);
const struct manifest *verified_bundle_manifest(const struct verified_bundle *vb);
bool verified_bundle_insecure(const struct verified_bundle *vb);
/* Sealed, read-only memfd with the .ko, for finit_module(); owned by @vb. */
int verified_bundle_module_fd(const struct verified_bundle *vb);
/* The same bytes, mapped read-only. */
const void *verified_bundle_module(const struct verified_bundle *vb, size_t *len);
/*
 * Which bundle it is: SHA-256 of its signed part (header, manifest, payload) in lower-case hex.  It stays
 * the same when a signature or an attachment is added.
 */
const char *verified_bundle_id(const struct verified_bundle *vb);
/* SHA-256 of the whole file, hex: names the file in a repository. */
const char *verified_bundle_file_digest(const struct verified_bundle *vb);
/* As bundle_attachment(): not covered by what was verified. */
bool verified_bundle_attachment(const struct verified_bundle *vb, const char *name, const void **data, size_t *len);

/* ---- writing ---- */

/*
 * Frame @m and the module's bytes into a bundle; signs with each of @keys
 * (none: unsigned).  The same input gives the same bytes.  *out is malloc()ed.
 */
int bundle_build(const struct manifest *m, const void *module, size_t module_len,
		 struct signing_key *const *keys, size_t nr_keys,
		 void **out, size_t *out_len, struct klp_err *err);
/* The bundle in @data with one more signature.  -EEXIST: @key has signed it already. */
int bundle_sign(const void *data, size_t len, const struct signing_key *key,
		void **out, size_t *out_len, struct klp_err *err);
/*
 * The bundle in @data with @len bytes of @extra attached under @name, in place of an earlier one of that
 * name.  -EINVAL: no such name can be; -EFBIG.
 */
int bundle_attach(const void *data, size_t len, const char *name, const void *extra, size_t extra_len,
		  void **out, size_t *out_len, struct klp_err *err);

#endif
