/* SPDX-License-Identifier: GPL-2.0-or-later */
/* publisher.h - the parts of klp-repo publish. */
#ifndef KLP_REPO_PUBLISHER_H
#define KLP_REPO_PUBLISHER_H

#include <jansson.h>

struct keyring;
struct klp_err;
struct master;
struct verified_bundle;

/*
 * publish_bundle.c: verify a bundle's bytes, and put them into the repository in memory, with a leaf for the log.  *@out, if there is
 * one, is freed, and replaced.
 */
int publish_bytes(struct master *m, const struct keyring *ring, const void *data, size_t len, struct verified_bundle **out,
		  struct klp_err *err);

/*
 * publish_proof.c: where the attached log has a policy, each of the @nr bundles that publish_bytes() has put gets its proof.
 * -EBUSY: too few witnesses have cosigned yet.
 */
int publish_proofs(struct master *m, const struct keyring *ring, struct verified_bundle **done, size_t nr, struct klp_err *err);

/* publish_cves.c: what machines need to know of CVEs, for each kernel.  --cves, with --files and --survey; a line for each to @told. */
int publish_cves(struct master *m, json_t *told, struct klp_err *err);
/* After the commit. */
void publish_cves_tell(const struct master *m, const json_t *told);

#endif
