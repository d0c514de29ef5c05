/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch.h - bytes from a source, which nobody trusts.
 *
 * A folder is read in place, never through a symbolic link out of it.  A URL is fetched by the fetcher
 * (fetcher.h), another process that has the network and no privilege: this side, which may load modules,
 * has no network, sends a URL and a limit, and gets a sealed memfd or a reason.
 */
#ifndef KLP_UPDATE_FETCH_H
#define KLP_UPDATE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct klp_err;
struct settings;

struct source {
	const struct settings *settings;
	const char *where;	/* as configured */
	bool url;
	int folder;		/* fd of a folder, or -1 */
	/* internal: the conversation with the fetcher */
	int sock;		/* or -1 */
	pid_t child;		/* the fetcher is our own child, or 0 */
	int64_t deadline;	/* ms, for all files together */
};

/* -ENETUNREACH: no such folder, -EINVAL: not a folder or URL that we know. */
int source_open(const struct settings *s, struct source *out, struct klp_err *err);
void source_close(struct source *src);

/*
 * The whole of @path inside the source, at most @limit bytes, malloc()ed.
 * -ENOENT: isn't there; -EFBIG: larger; -ENETUNREACH: the source didn't answer, or the fetcher
 * answered what no honest one does.
 */
int source_get(struct source *src, const char *path, size_t limit, void **out, size_t *len,
	       struct klp_err *err);

/*
 * fetcher_ask.c: connect to the fetcher at its socket, or fork one; ask it for @url.  After an
 * error of the conversation itself it is hung up on, and the next call has a new one.
 */
int fetcher_ask(struct source *src, const char *url, size_t limit, void **out, size_t *len,
		struct klp_err *err);
void fetcher_hang_up(struct source *src);

#endif
