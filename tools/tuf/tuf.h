/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuf.h - a client of The Update Framework 1.0 (https://theupdateframework.github.io/specification/, 1.0.30).
 *
 *	tuf_init()		once, with a root that came some other way
 *	tuf_open()		the trusted root, from the store
 *	tuf_refresh()		section 5.3 to 5.6: root, timestamp, snapshot, targets
 *	tuf_find()		5.6.7: who is trusted with a target, and what it must be
 *	tuf_fetch(), tuf_download()	5.7: the target itself
 *
 * A function that fails leaves the store as good as it was: what was verified by then stays, nothing else gets there.
 *
 * Errors: -EBADMSG malformed, or not what was signed for; -E2BIG, -EFBIG over a limit; -EKEYREJECTED
 * signatures; -EKEYEXPIRED expired (a freeze); -ESTALE older than what was trusted (a rollback); -ENOENT no such
 * target, which is signed for; -ENODATA the server hasn't got what it ought to have; -EINVAL no proper target path; and those of transport.h.
 */
#ifndef TUF_H
#define TUF_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "tuf_limits.h"

struct klp_err;
struct pack;
struct tuf_client;
struct tuf_transport;

struct tuf_config {			/* all of it lives as long as the client */
	const char *store;		/* folder that exists; its user's alone, and one process's at a time */
	const char *roots;		/* or NULL: a folder that each root is put into that is taken, as VERSION.root.json, before it counts */
	struct pack *ram;		/* or NULL: the store is this, of files' names, and nothing is written */
	const char *metadata_url;	/* a '/' at the end or not */
	const char *targets_url;	/* NULL: no targets are fetched */
	const struct tuf_transport *transport;
	int64_t now;			/* s since 1970, the start of the update */
};

struct tuf_target {
	char *path;
	char role[TUF_FILE_NAME_MAX + 1];	/* that signed for it */
	int64_t length;
	json_t *hashes;
	json_t *custom;			/* or NULL */
};

/* Trust @root, if it is well-formed and signed by its own threshold; replaces one that is there. */
int tuf_init(const char *store, const void *root, size_t len, struct klp_err *err);
/* When a refresh of that store last found everything in order: s since 1970; 0: never, or it can't be told. */
int64_t tuf_trusted_time(const char *store);
/* All of a folder that is a store, as `ram` has it; one that isn't there is empty. */
int tuf_store_read(const char *folder, struct pack *out, struct klp_err *err);
/* Is @root one that tuf_init() would take?  *version: its. */
int tuf_root_check(const void *root, size_t len, int64_t *version, struct klp_err *err);

/* -ENOENT: the store has no root. */
int tuf_open(const struct tuf_config *config, struct tuf_client **out, struct klp_err *err);
int tuf_refresh(struct tuf_client *c, struct klp_err *err);
void tuf_close(struct tuf_client *c);

/* After tuf_refresh(): "signed" of the root and of the timestamp; borrowed. */
const json_t *tuf_root_body(const struct tuf_client *c);
const json_t *tuf_timestamp_body(const struct tuf_client *c);
/* -ENOENT: those who are trusted with it have signed that there is none.  -E2BIG: more would have to be asked than TUF_VISITED_MAX roles. */
int tuf_find(struct tuf_client *c, const char *path, struct tuf_target *out, struct klp_err *err);
void tuf_target_free(struct tuf_target *t);
/*
 * @each for the path of each target that "targets" lists, or a role that it delegates to itself; all of these roles' files have to be
 * there, and verify.  Not 0 ends it, and is returned.  -E2BIG: more than TUF_EACH_MAX bins.
 */
typedef int (*tuf_path_fn)(void *arg, const char *path, struct klp_err *err);
int tuf_each_target(struct tuf_client *c, tuf_path_fn each, void *arg, struct klp_err *err);
/* *out is malloc()ed, and is what was signed for. */
int tuf_fetch(struct tuf_client *c, const struct tuf_target *t, void **out, size_t *len, struct klp_err *err);
/* The same; but the one that was fetched last for @slot is kept in the store, as SLOT.target, and used again as long as it fits. */
int tuf_fetch_kept(struct tuf_client *c, const struct tuf_target *t, const char *slot, void **out, size_t *len,
		   struct klp_err *err);
/*
 * tuf_fetch() into @folder, as one file: the encoded path (tuf_encode()).  One that is there already and is the
 * target stays; one that isn't is replaced whole.
 */
int tuf_download(struct tuf_client *c, const struct tuf_target *t, const char *folder, struct klp_err *err);

#endif
