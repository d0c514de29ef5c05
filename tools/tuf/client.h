/* SPDX-License-Identifier: GPL-2.0-or-later */
/* client.h - private to tools/tuf: what client.c, refresh.c and targets.c share. */
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
/* The version to ask for by name: @version if snapshots are consistent, else 0. */
int64_t tuf_asked_version(const struct tuf_client *c, int64_t version);
/* @prefix: "root 5" and its like, for the error. */
int tuf_check_expiry(const struct tuf_client *c, const struct tuf_doc *doc, const char *name, struct klp_err *err);
/* tuf_parse() and tuf_accept() by one authority. */
int tuf_read(const void *data, size_t len, enum tuf_type type, const struct tuf_authority *by,
	     struct tuf_doc **out, struct klp_err *err);
/* What the store has of top-level @type, if the root's keys of today signed it; else NULL. */
struct tuf_doc *tuf_stored(const struct tuf_client *c, enum tuf_type type);
int tuf_keep(const struct tuf_client *c, const char *name, const struct tuf_doc *doc, struct klp_err *err);

/*
 * targets.c: the targets file of role @name, as the snapshot lists it and @by signs it: from the store if
 * that has it, else fetched and kept.
 */
int tuf_load_targets(struct tuf_client *c, const char *name, const struct tuf_authority *by,
		     struct tuf_doc **out, struct klp_err *err);

#endif
