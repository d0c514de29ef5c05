/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - private to tools/tuf: what client.c, refresh.c, listed.c and targets.c share. */
#ifndef TUF_CLIENT_H
#define TUF_CLIENT_H

#include "metadata.h"
#include "role.h"
#include "tuf.h"

struct tuf_client {
	struct tuf_config config;
	int64_t start;			/* the fixed update start time (5.1), never before the store's */
	struct tuf_doc *root, *timestamp, *snapshot, *targets;	/* all verified; the last three after a refresh */
};

/* BASE/[VERSION.]NAME.json; @version 0: without. */
int tuf_get_metadata(struct tuf_client *c, const char *name, int64_t version, size_t limit, void **out,
		     size_t *len, struct klp_err *err);
/* The server has no such file, and ought to: -ENODATA, so that nobody takes it for a signed "there is no such target". */
int tuf_missing(struct klp_err *err);
/* -EKEYEXPIRED: @doc's time is over. */
int tuf_check_expiry(const struct tuf_client *c, const struct tuf_doc *doc, struct klp_err *err);
/* tuf_parse() and tuf_accept() by one authority. */
int tuf_read(const void *data, size_t len, enum tuf_type type, const struct tuf_authority *by,
	     struct tuf_doc **out, struct klp_err *err);
/* What the store has of top-level @type, if the root's keys of today signed it; else NULL. */
struct tuf_doc *tuf_stored(const struct tuf_client *c, enum tuf_type type);
/* The store of @c: a folder, or memory. */
int tuf_load(const struct tuf_config *config, const char *name, size_t limit, void **out, size_t *len, struct klp_err *err);
int tuf_keep(const struct tuf_client *c, const char *name, const struct tuf_doc *doc, struct klp_err *err);
int tuf_load_kept(const struct tuf_config *config, const char *slot, size_t limit, void **out, size_t *len);
int tuf_save_kept(const struct tuf_config *config, const char *slot, const void *data, size_t len, struct klp_err *err);
int tuf_drop(const struct tuf_client *c, const char *name, struct klp_err *err);
int tuf_keep_time(const struct tuf_client *c, struct klp_err *err);

/* A file that a timestamp or a snapshot lists. */
struct tuf_listed {
	enum tuf_type type;		/* TUF_SNAPSHOT or TUF_TARGETS */
	const char *name;
	struct tuf_meta meta;
	struct tuf_authority by;
	const struct tuf_doc *old;	/* a snapshot that was trusted, which a new one may not fall behind; or NULL */
};

/* listed.c: from the store if that has the very file, else fetched and kept. */
int tuf_load_listed(struct tuf_client *c, const struct tuf_listed *l, struct tuf_doc **out, struct klp_err *err);
/* targets.c: role @name's targets file, as the snapshot lists it and @by signs it. */
int tuf_load_targets(struct tuf_client *c, const char *name, const struct tuf_authority *by,
		     struct tuf_doc **out, struct klp_err *err);

#endif
