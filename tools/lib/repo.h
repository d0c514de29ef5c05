/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repo.h - what a repository tells of one kernel build: its patches, and which of them were withdrawn.
 *
 * A repository is one of The Update Framework (tools/tuf); these are its targets:
 *	kernels/<build-id>.json			this index
 *	bundles/<build-id>/<name>-<release>.klp	bundles
 *	cves/<build-id>.json			CVE records
 * The index isn't signed by itself: it is a target, and so the TUF client has verified it before anybody reads it.
 */
#ifndef KLP_REPO_H
#define KLP_REPO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rollout.h"

struct klp_err;
struct manifest;

#define REPO_INDEX_MAX		(4u << 20)	/* bytes */
#define REPO_CVES_MAX		(16u << 20)	/* bytes */
#define REPO_PATH_MAX		256		/* bytes, of a target's path */
#define REPO_TIME_LEN		sizeof("2027-01-31T00:00:00Z")
#define REPO_REASON_MAX		400		/* bytes */

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

/* Not to be used any more, and to be taken out where it is. */
struct repo_withdrawn {
	char *name;
	uint64_t release;
	int64_t since;		/* s since 1970 */
	char *reason;
};

struct repo_index {
	char build_id[64 + 1];	/* lower-case hex */
	char kernel_release[64 + 1];
	char kernel_version[64 + 1];	/* of its package */
	char maintained_until[REPO_TIME_LEN];	/* patches are made for this kernel until then, UTC; "": it isn't told */
	struct repo_target *targets;	/* by name */
	size_t nr_targets;
	struct repo_withdrawn *withdrawn;	/* in the order of time */
	size_t nr_withdrawn;
	char cves_digest[64 + 1];	/* SHA-256 of the file of CVE records, hex; "": there is none */
	uint64_t cves_length;		/* bytes */
};

/* Targets' paths. */
void repo_index_path(const char *build_id, char out[REPO_PATH_MAX]);
void repo_bundle_path(const char *build_id, const char *name, uint64_t release, char out[REPO_PATH_MAX]);
void repo_cves_path(const char *build_id, char out[REPO_PATH_MAX]);

struct repo_index *repo_index_new(void);	/* NULL: no memory */
void repo_index_free(struct repo_index *index);
const struct repo_target *repo_index_find(const struct repo_index *index, const char *name);
/* NULL: it wasn't withdrawn. */
const struct repo_withdrawn *repo_index_withdrawn(const struct repo_index *index, const char *name, uint64_t release);
/*
 * Put the bundle of manifest @m in, in place of an earlier release of that name.
 * The same bundle in another file, with one signature more, takes its place, too.
 * -EEXIST: the same file is there; -ESTALE: a newer or another one of that release is, or this one was withdrawn.
 */
int repo_index_put(struct repo_index *index, const struct manifest *m, const char *id, const char *digest,
		   uint64_t length, struct klp_err *err);
/* Say that it is withdrawn, and take it out if it is offered.  -EEXIST: it was before. */
int repo_index_withdraw(struct repo_index *index, const char *name, uint64_t release, int64_t since,
			const char *reason, struct klp_err *err);

/* Pure; -EBADMSG: malformed. */
int repo_index_parse(const void *data, size_t len, struct repo_index **out, struct klp_err *err);
/* Canonical.  *out is malloc()ed. */
int repo_index_format(const struct repo_index *index, void **out, size_t *len, struct klp_err *err);

/* UTC time, @seconds from now. */
void repo_time(int64_t seconds, char out[REPO_TIME_LEN]);
/* Seconds since the epoch of such a time; 0: it isn't one. */
int64_t repo_time_of(const char *text);

#endif
