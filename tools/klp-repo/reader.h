/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.h - a repository, its folder or what a server gives, read and verified as a client would (tools/tuf), without a trace. */
#ifndef KLP_REPO_READER_H
#define KLP_REPO_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "pack.h"
#include "../tuf/transport.h"
#include "../tuf/tuf.h"

#define READER_URL_MAX	2048u	/* bytes */

struct klp_err;

struct reader {
	char metadata[READER_URL_MAX], targets[READER_URL_MAX];
	struct pack store;
	struct tuf_files files;
	struct tuf_transport transport;
	bool http;
	struct tuf_client *client;
};

/*
 * From the trusted @root on, at @now (0: nothing has expired); @before: files that are taken first, or NULL.  To be closed
 * after a failure, too.
 */
int reader_open(struct reader *r, const char *folder, const void *root, size_t len, const struct pack *before, int64_t now,
		struct klp_err *err);
/* The same over http or https, within @seconds in all. */
int reader_open_url(struct reader *r, const char *url, const void *root, size_t len, int64_t now, long seconds, struct klp_err *err);
void reader_close(struct reader *r);
/* A target, verified. */
int reader_get(struct reader *r, const char *path, void **out, size_t *len, struct klp_err *err);

#endif
