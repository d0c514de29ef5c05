/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch_wire.h - what passes between the loader's side and the fetcher.
 *
 * A SOCK_SEQPACKET socket: one request, one reply, as often as the asking side likes.  With
 * a reply of code 0 comes one file descriptor, a sealed memfd of `length` bytes.  The asking side may
 * load modules, so it believes none of this: fetch.c checks the size of each message, the seals, the
 * length against the limit; who uses the bytes checks their signature.
 */
#ifndef KLP_UPDATE_FETCH_WIRE_H
#define KLP_UPDATE_FETCH_WIRE_H

#include <assert.h>
#include <stdint.h>

#define FETCH_MAGIC	0x71706632u	/* "qpf2" */
#define FETCH_URL_MAX	2048
#define FETCH_WORD_MAX	512

struct fetch_request {
	uint32_t magic;
	uint32_t timeout_s;	/* for the whole of it */
	uint64_t limit;		/* bytes */
	char url[FETCH_URL_MAX];	/* NUL-terminated, as the next two */
	char proxy[FETCH_WORD_MAX];	/* URL; empty: none, whatever the environment says */
	char ca[FETCH_WORD_MAX];	/* file of certificates; empty: the system's */
};

struct fetch_reply {
	uint32_t magic;
	int32_t code;		/* 0, -ENOENT, -EFBIG, -EPERM, -ENETUNREACH */
	uint64_t length;	/* of the memfd */
	char text[512];		/* why not */
};

static_assert(sizeof(struct fetch_request) == 16 + FETCH_URL_MAX + 2 * FETCH_WORD_MAX, "no padding");
static_assert(sizeof(struct fetch_reply) == 16 + 512, "no padding");

#endif
