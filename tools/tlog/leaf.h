/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leaf.h - what a publisher's log says of one thing that it published: canonical JSON, one spelling for one content.
 *
 *	{"build_id":"…","digest":"…","kind":"bundle","name":"sockmap","release":2,"time":"2026-11-28T14:00:00Z"}
 *	{"digest":"…","kind":"root","name":"root","release":3,"time":"…"}
 *	{"digest":"…","kind":"withdrawal","name":"sockmap","release":2,"time":"…"}
 */
#ifndef TLOG_LEAF_H
#define TLOG_LEAF_H

#include <stddef.h>
#include <stdint.h>

#include "hex.h"
#include "tlog_limits.h"

#define TLOG_LEAF_NAME_MAX	128u	/* bytes */
#define TLOG_BUILD_ID_MAX	64u	/* digits */
#define TLOG_TIME_LEN		20u	/* "2027-01-31T00:00:00Z" */

struct klp_err;

enum tlog_leaf_kind {
	TLOG_BUNDLE,		/* digest: SHA-256 of the bundle's signed part, whoever signs it */
	TLOG_ROOT,		/* digest: of the root's file; release: its version */
	TLOG_WITHDRAWAL,	/* digest: of the signed file that withdraws that release of the patch */
	TLOG_LEAF_KINDS,
};

struct tlog_leaf {
	enum tlog_leaf_kind kind;
	char name[TLOG_LEAF_NAME_MAX + 1];
	uint64_t release;	/* 1 to 2^53, which JSON readers keep exactly */
	char build_id[TLOG_BUILD_ID_MAX + 1];	/* lower-case hex; of a bundle only */
	char digest[SHA256_HEX_LEN + 1];
	char time[TLOG_TIME_LEN + 1];	/* UTC, of its appending */
};

const char *tlog_leaf_word(enum tlog_leaf_kind kind);
/* *out is malloc()ed.  -EINVAL: a member isn't as above. */
int tlog_leaf_format(const struct tlog_leaf *leaf, char **out, size_t *len, struct klp_err *err);
/* A pure function of (data, len).  -EBADMSG: malformed, or not as tlog_leaf_format() writes it. */
int tlog_leaf_parse(const void *data, size_t len, struct tlog_leaf *out, struct klp_err *err);

#endif
