/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transport.h - how bytes get here.  Nobody trusts them: whoever asks gives a limit, and verifies.
 */
#ifndef TUF_TRANSPORT_H
#define TUF_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;
struct pack;

struct tuf_transport {
	/*
	 * All of @url, at most @limit bytes, malloc()ed.  -ENOENT: the server says that there is no such file (404,
	 * 410, or 403, which object stores answer); -EFBIG: longer than @limit; -EPERM: a redirect that isn't
	 * followed; -ENETUNREACH: no answer, one too slow, or another status.
	 */
	int (*get)(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err);
	void *ctx;
};

/* By libcurl.  Zeros mean the defaults in brackets. */
struct tuf_http_policy {
	long connect_s;		/* until a connection stands [20] */
	long total_s;		/* for one file [600] */
	long low_speed;		/* bytes/s: slower than that [64] ... */
	long low_speed_s;	/* ... for so long is given up [30] */
	long all_s;		/* for all files together [no limit] */
	const char *ca_file;	/* PEM: whom https trusts [the system's] */
	const char *proxy;	/* URL [none, whatever the environment says] */
	bool file;		/* file:// URLs, too [no] */
};

/*
 * http and https.  At most 5 redirects: none from https to http, none to an internal address (loopback, private,
 * link-local and their like), unless the URL that was asked for is of that very server; no name's second
 * answer changes that, as it is the address of the connection that counts.  Through a proxy the proxy decides.
 */
int tuf_http_open(const struct tuf_http_policy *policy, struct tuf_transport *out, struct klp_err *err);
void tuf_http_close(struct tuf_transport *t);

/*
 * A folder in place of a server, through no symbolic link: URLs are paths below it, as tuf.h makes them; the get() of a
 * transport whose ctx is a struct tuf_files.
 */
struct tuf_files {
	int folder;			/* an fd */
	const struct pack *before;	/* or NULL: what is in here is taken first */
};
int tuf_files_get(void *ctx, const char *url, size_t limit, void **out, size_t *len, struct klp_err *err);

struct sockaddr;
/* An address that only this machine or its own network has; any that isn't IPv4 or IPv6 is, too. */
int tuf_address_internal(const struct sockaddr *sa);

#endif
