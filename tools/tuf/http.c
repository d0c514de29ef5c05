// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * http.c - see transport.h: one file by libcurl.
 *
 * Redirects are followed here, one by one, and not by libcurl: each is a decision.
 */
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "monotonic.h"
#include "printable.h"
#include "transport.h"

#define REDIRECTS_MAX	5

struct http {
	CURL *curl;
	char error[CURL_ERROR_SIZE];
	/* of the transfer that is under way */
	char *data;
	size_t len, limit;
	bool over;		/* more than @limit */
	bool inside_forbidden;	/* an internal address won't do */
	bool inside_refused;	/* and was one */
	bool proxied;
	bool file;
	long total_s;
	int64_t until;		/* ms, for all transfers; 0: no limit */
};

static size_t on_data(char *data, size_t size, size_t nr, void *arg)
{
	struct http *h = arg;
	size_t len = size * nr;
	char *bigger;

	h->over = len > h->limit - h->len;
	if (h->over)
		return 0;
	bigger = realloc(h->data, h->len + len + 1);
	if (!bigger)
		return 0;
	h->data = bigger;
	memcpy(h->data + h->len, data, len);
	h->len += len;
	h->data[h->len] = '\0';
	return len;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http *h = arg;

	(void)purpose;
	if (h->inside_forbidden && !h->proxied && tuf_address_internal(&a->addr)) {
		h->inside_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static void transfer(struct http *h, const char *url, size_t limit, CURLcode *cc, long *status)
{
	free(h->data);
	h->data = NULL;
	h->len = 0;
	h->limit = limit;
	h->over = h->inside_refused = false;
	h->error[0] = '\0';
	*status = 0;
	if (h->until) {
		int64_t left = h->until - monotonic_ms();

		if (left <= 0) {
			*cc = CURLE_OPERATION_TIMEDOUT;
			return;
		}
		curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, left < h->total_s * 1000 ? (long)left : h->total_s * 1000);
	}
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	/* A connection that was good for another URL says nothing about this one's address. */
	curl_easy_setopt(h->curl, CURLOPT_FRESH_CONNECT, h->inside_forbidden ? 1L : 0L);
	*cc = curl_easy_perform(h->curl);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, status);
}

static char *part(CURLU *u, CURLUPart what)
{
	char *text = NULL;

	return curl_url_get(u, what, &text, CURLU_DEFAULT_PORT) ? NULL : text;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart what)
{
	char *x = part(a, what), *y = part(b, what);
	bool same = x && y && !strcasecmp(x, y);

	curl_free(x);
	curl_free(y);
	return same;
}

static bool has_scheme(CURLU *u, const char *which)
{
	char *scheme = part(u, CURLUPART_SCHEME);
	bool yes = scheme && !strcasecmp(scheme, which);

	curl_free(scheme);
	return yes;
}

/* May @from, the URL that was asked for, be answered by @to?  -EPERM: no. */
static int judge_redirect(struct http *h, const char *from, const char *to, struct klp_err *err)
{
	CURLU *a = curl_url(), *b = curl_url();
	int ret = 0;

	if (!a || !b || curl_url_set(a, CURLUPART_URL, from, 0) || curl_url_set(b, CURLUPART_URL, to, 0))
		ret = klp_err_set(err, -EPERM, "the redirect is to no URL that we know");
	else if (!has_scheme(b, "https") && (has_scheme(a, "https") || !has_scheme(b, "http")))
		ret = klp_err_set(err, -EPERM, "the redirect is from https to what isn't, or to neither http nor https");
	else
		h->inside_forbidden = !same_part(a, b, CURLUPART_SCHEME) || !same_part(a, b, CURLUPART_HOST) ||
				      !same_part(a, b, CURLUPART_PORT);
	curl_url_cleanup(a);
	curl_url_cleanup(b);
	return ret;
}

static int outcome(const struct http *h, CURLcode cc, long status, struct klp_err *err)
{
	char shown[CURL_ERROR_SIZE];

	if (h->inside_refused)
		return klp_err_set(err, -EPERM, "the redirect is to an internal address");
	if (h->over)
		return klp_err_set(err, -EFBIG, "longer than the %zu bytes that are allowed", h->limit);
	if (status == 403 || status == 404 || status == 410)
		return klp_err_set(err, -ENOENT, "the server has no such file (%ld)", status);
	if (cc == CURLE_FILE_COULDNT_READ_FILE)
		return klp_err_set(err, -ENOENT, "there is no such file");
	if (cc) {
		text_printable(h->error, strlen(h->error), shown, sizeof(shown));
		return klp_err_set(err, -ENETUNREACH, "%s%s%s", curl_easy_strerror(cc), *shown ? ": " : "", shown);
	}
	/* 0: a file:// URL, which has none. */
	if (status != 200 && (status || !h->file))
		return klp_err_set(err, -ENETUNREACH, "the server answered with status %ld", status);
	return 0;
}

/* *@out and *@len, from what arrived. */
static int hand_over(struct http *h, void **out, size_t *len, struct klp_err *err)
{
	char *data = h->data ? h->data : calloc(1, 1);

	if (!data)
		return klp_err_sys(err, -ENOMEM, "cannot keep it");
	h->data = NULL;
	*out = data;
	*len = h->len;
	return 0;
}

static int get_following(struct http *h, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	char *to = NULL, *next;
	CURLcode cc;
	long status;
	int ret;

	h->inside_forbidden = false;
	for (int hops = 0; ; hops++) {
		transfer(h, to ? to : url, limit, &cc, &status);
		next = NULL;
		if (!cc && status >= 300 && status < 400)
			curl_easy_getinfo(h->curl, CURLINFO_REDIRECT_URL, &next);
		if (!next) {
			ret = outcome(h, cc, status, err);
			break;
		}
		ret = hops < REDIRECTS_MAX ? judge_redirect(h, url, next, err) :
		      klp_err_set(err, -EPERM, "more than %d redirects", REDIRECTS_MAX);
		if (ret)
			break;
		free(to);
		to = strdup(next);
		if (!to) {
			ret = klp_err_sys(err, -ENOMEM, "cannot follow a redirect");
			break;
		}
	}
	free(to);
	return ret ? ret : hand_over(h, out, len, err);
}

static int http_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	int ret = get_following(ctx, url, limit, out, len, err);

	if (ret)
		klp_err_wrap(err, "cannot fetch %s", url);
	return ret;
}

static long either(long value, long otherwise)
{
	return value ? value : otherwise;
}

int tuf_http_open(const struct tuf_http_policy *p, struct tuf_transport *out, struct klp_err *err)
{
	struct http *h = calloc(1, sizeof(*h));
	CURL *c = h ? curl_easy_init() : NULL;

	if (!c) {
		free(h);
		return klp_err_sys(err, -ENOMEM, "cannot set up libcurl");
	}
	h->curl = c;
	h->file = p->file;
	h->proxied = p->proxy && *p->proxy;
	h->total_s = either(p->total_s, 600);
	h->until = p->all_s ? monotonic_ms() + p->all_s * INT64_C(1000) : 0;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, p->file ? "http,https,file" : "http,https");
	/* No variable of the environment has a say: an empty word turns http_proxy, no_proxy and their kind off. */
	curl_easy_setopt(c, CURLOPT_PROXY, h->proxied ? p->proxy : "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "");
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, either(p->connect_s, 20));
	curl_easy_setopt(c, CURLOPT_TIMEOUT, h->total_s);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, either(p->low_speed, 64));
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, either(p->low_speed_s, 30));
	if (p->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, p->ca_file);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "quietpatch/" QP_VERSION);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	out->get = http_get;
	out->ctx = h;
	return 0;
}

void tuf_http_close(struct tuf_transport *t)
{
	struct http *h = t->ctx;

	curl_easy_cleanup(h->curl);
	free(h->data);
	free(h);
	t->ctx = NULL;
}
