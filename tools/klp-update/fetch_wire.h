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

#define FETCH_MAGIC	0x71706631u	/* "qpf1" */
#define FETCH_URL_MAX	2048

struct fetch_request {
	uint32_t magic;
	uint32_t timeout_s;	/* for the whole of it */
	uint64_t limit;		/* bytes */
	char url[FETCH_URL_MAX];	/* NUL-terminated */
};

struct fetch_reply {
	uint32_t magic;
	int32_t code;		/* 0, -ENOENT, -EFBIG, -EPERM, -ENETUNREACH */
	uint64_t length;	/* of the memfd */
	char text[512];		/* why not */
};

static_assert(sizeof(struct fetch_request) == 16 + FETCH_URL_MAX, "no padding");
static_assert(sizeof(struct fetch_reply) == 16 + 512, "no padding");

#endif
