/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo.h - a repository's index: which bundles there are for one kernel build.
 *
 * A repository is static files:
 *	targets/<kernel build-id>.json	signed index, the only file that changes
 *	blobs/<sha256>.klp		bundles, by the digest of the whole file
 *	cves/<sha256>.json		CVE records for one kernel build, likewise
 * The index has the form of a TUF targets role ({"signed", "signatures"}), so
 * that root, snapshot and timestamp roles can be put in front of it.
 */
#ifndef KLP_REPO_H
#define KLP_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rollout.h"

struct klp_err;
struct keyring;
struct manifest;
struct signing_key;

#define REPO_INDEX_MAX		(4u << 20)	/* bytes */
#define REPO_CVES_MAX		(16u << 20)	/* bytes */
#define REPO_PATH_MAX		128		/* bytes, of a path inside a repository */
#define REPO_TIME_LEN		sizeof("2027-01-31T00:00:00Z")

struct repo_target {
	char *name;		/* patch name, once per index */
	uint64_t release;
	char *id;		/* of the bundle: SHA-256 of its signed part, hex */
	char *digest;		/* SHA-256 of the bundle file, hex */
	uint64_t length;	/* bytes */
	char *summary;
	char **cves;
	size_t nr_cves;
	struct rollout rollout;
	bool exploited;		/* now, by somebody: it doesn't wait for its rollout */
};

struct repo_index {
	char build_id[64 + 1];	/* lower-case hex */
	char kernel_release[64 + 1];
	uint64_t version;	/* counts up with each publication */
	char expires[REPO_TIME_LEN];	/* UTC; compares as a string */
	char maintained_until[REPO_TIME_LEN];	/* patches are made for this kernel until then, UTC; "": it isn't told */
	struct repo_target *targets;	/* by name */
	size_t nr_targets;
	char cves_digest[64 + 1];	/* SHA-256 of the file of CVE records, hex; "": there is none */
	uint64_t cves_length;		/* bytes */
};

/* Paths inside a repository. */
void repo_index_path(const char *build_id, char out[REPO_PATH_MAX]);
void repo_blob_path(const char *digest, char out[REPO_PATH_MAX]);
void repo_cves_path(const char *digest, char out[REPO_PATH_MAX]);

struct repo_index *repo_index_new(void);	/* NULL: no memory */
void repo_index_free(struct repo_index *index);
const struct repo_target *repo_index_find(const struct repo_index *index, const char *name);
/*
 * Put the bundle of manifest @m in, in place of an earlier release of that name.
 * The same bundle in another file, with one signature more, takes its place, too.
 * -EEXIST: the same file is there; -ESTALE: a newer or another one of that release is.
 */
int repo_index_put(struct repo_index *index, const struct manifest *m, const char *id, const char *digest,
		   uint64_t length, struct klp_err *err);

/*
 * Parse and verify an index.  At least one trusted key has signed it, no trusted
 * key's signature is wrong.  -EBADMSG: malformed; -ENOKEY, -EKEYREJECTED: trust.
 * Expiry and version are the caller's: it has the clock and the memory.
 */
int repo_index_verify(const void *data, size_t len, const struct keyring *keyring,
		      struct repo_index **out, struct klp_err *err);
/* Canonical, signed with @key.  *out is malloc()ed. */
int repo_index_format(const struct repo_index *index, const struct signing_key *key,
		      void **out, size_t *len, struct klp_err *err);

/* UTC time as in `expires`, @seconds from now. */
void repo_time(int64_t seconds, char out[REPO_TIME_LEN]);
/* Seconds since the epoch of such a time; 0: it isn't one. */
int64_t repo_time_of(const char *text);

#endif
