// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fetch_url.c - see fetch_url_priv.h: by whoever may do nothing else.
 *
 * What it verifies is verified again by the other side; it is verified here first so that bytes that break a parser break one
 * that has no privilege.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "fetch_url_priv.h"
#include "fetch_wire.h"
#include "pack.h"
#include "source_url.h"
#include "tuf/transport.h"
#include "tuf/tuf.h"

#define CONNECT_S	20

/* Notes each answer. */
struct notes {
	struct tuf_transport *http;
	struct pack *answers;
	size_t room;		/* bytes that may still be noted */
};

static int noting_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	struct notes *n = ctx;
	int ret = n->http->get(n->http->ctx, url, limit < n->room ? limit : n->room, out, len, err);

	if (ret)
		return pack_put(n->answers, url, ret, err->text, strlen(err->text)) ? -ENOMEM : ret;
	n->room -= *len;
	if (!pack_put(n->answers, url, 0, *out, *len))
		return 0;
	free(*out);
	return klp_err_sys(err, -ENOMEM, "cannot keep %s", url);
}

static int run_client(const struct fetch_request *q, struct pack *store, const struct tuf_transport *t, struct klp_err *err)
{
	char metadata[FETCHED_URL_MAX], targets[FETCHED_URL_MAX];
	struct tuf_config config = { .ram = store, .metadata_url = metadata, .targets_url = targets, .transport = t,
				     .now = time(NULL) };
	struct tuf_target target;
	struct tuf_client *c;
	size_t len;
	void *data;
	int ret;

	source_urls(q->url, metadata, targets);
	ret = tuf_open(&config, &c, err);
	if (ret)
		return ret;
	ret = tuf_refresh(c, err);
	if (!ret)
		ret = tuf_find(c, q->target, &target, err);
	if (!ret) {
		if ((uint64_t)target.length <= q->limit &&
		    !(source_slot(q->target) ? tuf_fetch_kept(c, &target, source_slot(q->target), &data, &len, err) :
					       tuf_fetch(c, &target, &data, &len, err)))
			free(data);
		tuf_target_free(&target);
	}
	tuf_close(c);
	return ret;
}

int fetch_target(const struct fetch_request *q, struct pack *store, struct pack *answers, char text[512])
{
	struct tuf_http_policy policy = { .connect_s = CONNECT_S, .total_s = q->timeout_s, .all_s = q->timeout_s,
					  .ca_file = *q->ca ? q->ca : NULL, .proxy = q->proxy, .file = true };
	struct tuf_transport http;
	struct notes notes = { .http = &http, .answers = answers, .room = FETCH_PACK_MAX - (1u << 20) };
	struct tuf_transport t = { .get = noting_get, .ctx = &notes };
	struct klp_err err = { 0 };
	int ret = tuf_http_open(&policy, &http, &err);

	if (ret) {
		snprintf(text, 512, "%.500s", err.text);
		return -ENETUNREACH;
	}
	/* However it ends, the other side sees for itself from what was answered. */
	run_client(q, store, &t, &err);
	tuf_http_close(&http);
	return 0;
}
