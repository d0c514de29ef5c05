/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * candidates.h - what a source offers for the running kernel, verified.
 *
 * A repository has an index (repo.h), which the TUF client has verified.  A plain folder of .klp files serves
 * too: there each file is verified, and the signed manifest is all there is.
 */
#ifndef KLP_UPDATE_CANDIDATES_H
#define KLP_UPDATE_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch.h"
#include "rollout.h"

struct keyring;
struct klp_err;
struct source;
struct verified_bundle;

struct candidate {
	char name[64];
	int64_t release;
	char digest[65];	/* which bundle it is: verified_bundle_id() */
	uint64_t length;	/* bytes */
	char *path;		/* of a target, or inside a plain folder */
	char *summary;
	char *cves;		/* JSON list */
	struct rollout rollout;
	bool exploited;		/* now, says the publisher */
};

/* A file of a plain folder that wasn't taken. */
struct rejection {
	char *path;
	int code;		/* negative errno of bundle_verify() */
	char *text;
};
/* enum exit_code: a file that is malformed may still be copied; only a stranger's signature is a matter of trust. */
int rejection_exit(const struct rejection *j);

/* The publisher wants it taken out. */
struct withdrawal {
	char name[64];
	int64_t release;
	char reason[512];
};

struct candidates {
	struct candidate *list;	/* one a name, the highest release */
	size_t nr;
	struct rejection *rejected;
	size_t nr_rejected;
	int64_t maintained_until;	/* patches are made for this kernel until then, seconds since the epoch; 0: it isn't told */
	struct withdrawal *withdrawn;
	size_t nr_withdrawn;
	struct halt halt;
	char cves_digest[65];	/* of the file of CVE records; "": the source has none */
	uint64_t cves_length;
};

/*
 * Look.  -ENOENT: the repository has nothing for this kernel build; else as source_get() (fetch.h).
 */
int candidates_look(struct source *src, const struct keyring *keyring,
		    const char *build_id, struct candidates *out, struct klp_err *err);
void candidates_free(struct candidates *c);

/* Fetch and verify @c's bundle; it is what index or folder promised, or an error. */
int candidate_fetch(struct source *src, const struct candidate *c,
		    const struct keyring *keyring, const char *build_id, void **data,
		    size_t *len, struct verified_bundle **out, struct klp_err *err);

/* The same of a kept file, @path, that was fetched before. */
int candidate_kept(const char *path, const struct candidate *c, const struct keyring *keyring, const char *build_id, void **data,
		   size_t *len, struct verified_bundle **out, struct klp_err *err);

#endif
