/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publisher.h - who changes a repository: its keys, its lock, its indexes (cmd_publish.c). */
#ifndef KLP_REPO_PUBLISHER_H
#define KLP_REPO_PUBLISHER_H

#include <limits.h>
#include <stddef.h>

struct klp_err;
struct keyring;
struct repo_index;
struct repo_options;
struct signing_key;

struct publisher {
	const struct repo_options *opt;
	struct signing_key *key;
	struct keyring *keyring;	/* --keys and the publisher's own */
	int lock;
};

/* @path inside the repository. */
int publisher_join(const struct publisher *p, const char *path, char out[PATH_MAX], struct klp_err *err);
/* With a new version and expiry, signed. */
int publisher_write_index(const struct publisher *p, struct repo_index *index, const char *path, struct klp_err *err);

/* publish_cves.c: --cves, with --files and --survey, into each index of the repository that they are for. */
int publish_cves(const struct publisher *p, struct klp_err *err);

#endif
