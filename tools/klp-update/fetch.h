/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch.h - bytes from a source, which nobody trusts.
 *
 * A folder is read in place, never through a symbolic link out of it.  A URL is
 * fetched by a child process that has given up every capability, its user and
 * its open files before it speaks to the network; it hands over bytes, and the
 * parent, which may load modules, never parses a protocol.
 */
#ifndef KLP_UPDATE_FETCH_H
#define KLP_UPDATE_FETCH_H

#include <stdbool.h>
#include <stddef.h>

struct klp_err;

struct source {
	const char *where;	/* as configured */
	const char *user;	/* for the child, when root */
	bool url;
	int folder;		/* fd of a folder, or -1 */
};

/* -ENETUNREACH: no such folder, -EINVAL: not a folder or URL that we know. */
int source_open(const char *where, const char *user, struct source *out, struct klp_err *err);
void source_close(struct source *src);

/*
 * The whole of @path inside the source, at most @limit bytes, malloc()ed.
 * -ENOENT: isn't there; -EFBIG: larger; -ENETUNREACH: the source didn't answer.
 */
int source_get(const struct source *src, const char *path, size_t limit, void **out,
	       size_t *len, struct klp_err *err);

#endif
