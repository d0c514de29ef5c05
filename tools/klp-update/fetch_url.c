// SPDX-License-Identifier: GPL-2.0-or-later
/* fetch_url.c - see fetcher.h: one transfer, by libcurl. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include <curl/curl.h>

#include "fetch_wire.h"
#include "fetcher.h"
#include "io.h"

#define CONNECT_S	20L
#define LOW_SPEED	64L	/* bytes/s, over LOW_SPEED_S: a stalled server */
#define LOW_SPEED_S	30L

struct body {
	int fd;
	uint64_t room;
	bool over;
};

static size_t on_data(char *data, size_t size, size_t nr, void *arg)
{
	struct body *b = arg;
	size_t len = size * nr;

	b->over = len > b->room;
	if (b->over || io_write_all(b->fd, data, len))
		return 0;
	b->room -= len;
	return len;
}

static CURL *setup(const struct fetch_request *q, struct body *body, char *error)
{
	CURL *c = curl_easy_init();

	if (!c)
		return NULL;
	curl_easy_setopt(c, CURLOPT_URL, q->url);
	/* An empty word turns http_proxy, no_proxy and their kind off, too. */
	curl_easy_setopt(c, CURLOPT_PROXY, q->proxy);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "");
	if (*q->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, q->ca);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,file");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)q->timeout_s);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, LOW_SPEED_S);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "klp-update/" QP_VERSION);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, error);
	return c;
}

/* A file that isn't there is an answer; all else is a source that didn't give one. */
static int code_of(CURL *c, CURLcode cc, const struct body *body)
{
	long http = 0;

	if (cc == CURLE_OK)
		return 0;
	if (body->over || cc == CURLE_FILESIZE_EXCEEDED)
		return -EFBIG;
	if (cc == CURLE_FILE_COULDNT_READ_FILE)
		return -ENOENT;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &http);
	if (cc == CURLE_HTTP_RETURNED_ERROR && (http == 404 || http == 410))
		return -ENOENT;
	return -ENETUNREACH;
}

int fetch_url(const struct fetch_request *q, int fd, char text[512])
{
	struct body body = { .fd = fd, .room = q->limit };
	char error[CURL_ERROR_SIZE] = "";
	CURL *c = setup(q, &body, error);
	CURLcode cc;
	int ret;

	if (!c) {
		snprintf(text, 512, "cannot fetch %.200s: no memory", q->url);
		return -ENETUNREACH;
	}
	cc = curl_easy_perform(c);
	ret = code_of(c, cc, &body);
	if (ret)
		snprintf(text, 512, "cannot fetch %.200s: %.200s", q->url, body.over ?
			 "larger than allowed" : *error ? error : curl_easy_strerror(cc));
	curl_easy_cleanup(c);
	return ret;
}
