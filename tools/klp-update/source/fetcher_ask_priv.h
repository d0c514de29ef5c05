/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fetcher_ask_priv.h - this side of the conversation with the fetcher. */
#ifndef KLP_UPDATE_FETCHER_ASK_PRIV_H
#define KLP_UPDATE_FETCHER_ASK_PRIV_H

#include <stddef.h>

struct klp_err;
struct pack;
struct source;

/*
 * Connect to the fetcher at its socket, or fork one; have it fetch @target, starting from @store.  *out: what
 * it was answered, by URL.  After an error of the conversation itself it is hung up on, and the next call has a new one.
 */
int fetcher_ask(struct source *src, const char *target, size_t limit, const struct pack *store, struct pack *out,
		struct klp_err *err);
void fetcher_hang_up(struct source *src);

#endif
