/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch_wire.h - what passes between the loader's side and the fetcher.
 *
 * A SOCK_SEQPACKET socket: one request, one reply, as often as the asking side likes.  With each request comes a sealed memfd: a
 * pack (pack.h) of the trusted metadata.  The fetcher runs the TUF client's whole workflow over a copy of it, and with a reply of
 * code 0 comes a sealed memfd of `length` bytes: a pack of all that it was answered on the way, by URL, failures too.
 *
 * The asking side may load modules, so it believes none of this: it checks the size of each message, the seals, the
 * length, and then runs the same workflow over those bytes, with its own store.
 */
#ifndef KLP_UPDATE_FETCH_WIRE_H
#define KLP_UPDATE_FETCH_WIRE_H

#include <assert.h>
#include <stdint.h>

#include "bundle.h"

#define FETCH_MAGIC	0x71706633u	/* "qpf3" */
#define FETCH_URL_MAX	2048
#define FETCH_WORD_MAX	512
/* Bytes of a reply's pack: one target, and metadata. */
#define FETCH_PACK_MAX	(BUNDLE_MAX + (16u << 20))

struct fetch_request {
	uint32_t magic;
	uint32_t timeout_s;	/* for the whole of it */
	uint64_t limit;		/* bytes, of the target */
	char url[FETCH_URL_MAX];	/* of the repository; NUL-terminated, as the next three */
	char target[FETCH_WORD_MAX];
	char proxy[FETCH_WORD_MAX];	/* URL; empty: none, whatever the environment says */
	char ca[FETCH_WORD_MAX];	/* file of certificates; empty: the system's */
};

struct fetch_reply {
	uint32_t magic;
	int32_t code;		/* 0, -EPERM, -ENETUNREACH */
	uint64_t length;	/* of the memfd */
	char text[512];		/* why not */
};

static_assert(sizeof(struct fetch_request) == 16 + FETCH_URL_MAX + 3 * FETCH_WORD_MAX, "no padding");
static_assert(sizeof(struct fetch_reply) == 16 + 512, "no padding");

#endif
