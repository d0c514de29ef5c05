/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * offer.h - the repository of a simulation: a real one, by klp-repo, read by klp-update's own code.
 *
 * Nothing of a rollout, a halt or an index is made up here: each state of the repository is published with the
 * installed command line, and what the clients decide about comes out of candidates_look().
 */
#ifndef SIMULATE_OFFER_H
#define SIMULATE_OFFER_H

#include <stdint.h>

struct candidates;
struct keyring;
struct signing_key;

#define BUILD_ID	"0123456789abcdef0123456789abcdef01234567"

struct repository {
	char *folder;		/* scratch: key, keys/, repo/ */
	char *tool;		/* klp-repo */
	struct keyring *keyring;
	struct signing_key *key;
};

/* What one client sees who looks now. */
struct offer {
	struct candidates *all;
	int64_t published_at;	/* seconds since the epoch */
	uint32_t look_bytes;	/* a check that finds nothing new fetches so much, without headers */
};

void repository_open(struct repository *r, const char *klp_repo);
void repository_close(struct repository *r);
/*
 * `klp-repo publish` of one fix, always the same, with @option and @value (NULL: without); ends the program when that
 * fails.
 */
void repository_publish(struct repository *r, const char *option, const char *value);
/* Look, as klp-update does. */
void repository_offer(struct repository *r, struct offer *out);
void offer_free(struct offer *o);

#endif
