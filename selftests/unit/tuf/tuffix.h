/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuffix.h - a TUF repository in memory, made and signed here, that may lie in any way; and a transport to it.
 *
 * Keys are numbers, whose key ids are "key-N"; a role's signers are a bit mask of keys.
 */
#ifndef UNIT_TUFFIX_H
#define UNIT_TUFFIX_H

#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>

#include "../../../tools/tuf/metadata.h"
#include "../../../tools/tuf/transport.h"
#include "../../../tools/tuf/tuf.h"

#define TF_KEYS	12
#define TF_NOW		INT64_C(1900000000)	/* 2030-03-17 */
#define TF_DAY		INT64_C(86400)
#define KEY(n)		(1u << (n))
#define TF_TOP		((1u << TUF_TIMESTAMP) | (1u << TUF_SNAPSHOT) | (1u << TUF_TARGETS))

struct tf_file {
	char *name;
	void *data;
	size_t len;
};

struct tuf_fix {
	EVP_PKEY *keys[TF_KEYS];
	json_t *body[4];		/* by enum tuf_type: what the next tf_publish() signs */
	unsigned int signers[4];
	bool hashes;			/* timestamp and snapshot tell lengths and hashes */
	struct tf_file files[1024];
	size_t nr_files;
	/* what was asked for, in order, and the last limit */
	char *asked[1024];
	size_t nr_asked, limit;
	char *store;
	struct tuf_transport transport;
	int64_t now;
};

/* Everything at version 1, published and initialised; key N signs role N alone. */
struct tuf_fix *tf_new(void);
void tf_free(struct tuf_fix *f);

/* A public key as metadata has it.  @pkey: Ed25519, P-256 or RSA. */
json_t *tf_key(EVP_PKEY *pkey);
/* {"keyids": ["key-N"...], "threshold"}, of the keys in @mask. */
json_t *tf_role(unsigned int mask, int threshold);
/* {"_type", "spec_version", "version": 1, "expires": 30 days from now}. */
json_t *tf_body(const char *type);
void tf_expire(json_t *body, int64_t when);
int64_t tf_version(const json_t *body);
/* {"signed", "signatures"} by the keys in @mask; malloc()ed text. */
char *tf_sign(struct tuf_fix *f, json_t *body, unsigned int mask);

/* Serve @data as @name, in place of what was there; NULL: no longer. */
void tf_serve(struct tuf_fix *f, const char *name, const void *data, size_t len);
/* Sign @body and serve it as VERSION.NAME.json (timestamp: without); with @list, the snapshot lists it. */
void tf_put(struct tuf_fix *f, const char *name, json_t *body, unsigned int mask, bool list);
/* The top-level roles in @types (bits of enum tuf_type): one version up, signed, served, listed. */
void tf_publish(struct tuf_fix *f, unsigned int types);
/* Serve target @path, and say so in @body, a targets file's. */
void tf_target(struct tuf_fix *f, json_t *body, const char *path, const char *text);
/* Delegate from @body to @name, signed by @mask, for @pattern. */
json_t *tf_delegate(struct tuf_fix *f, json_t *body, const char *name, unsigned int mask, const char *pattern);

/* A client's run: open and refresh.  0 or what it failed with; the text is in tf_err. */
int tf_refresh(struct tuf_fix *f);
/* The same, then find @path and fetch it into the folder "targets" of the store. */
int tf_get(struct tuf_fix *f, const char *path);
extern struct klp_err tf_err;
/* Version of what the store has of a role; 0: nothing. */
int64_t tf_stored(struct tuf_fix *f, const char *role);
bool tf_was_asked(const struct tuf_fix *f, const char *name);

#endif
