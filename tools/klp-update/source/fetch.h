/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fetch.h - files of a source, which nobody trusts.
 *
 * A repository is read by the TUF client (tools/tuf), from the trusted metadata in the state folder on.  A folder is
 * read in place, never through a symbolic link.  A URL is fetched by the fetcher (fetcher.h), another
 * process that has the network and no privilege, which runs the client's workflow first; this side, which may load modules, has no
 * network, and runs the workflow again over the bytes that the fetcher was answered.
 */
#ifndef KLP_UPDATE_FETCH_H
#define KLP_UPDATE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pack.h"

struct keyring;
struct klp_err;
struct settings;

/* The publisher's word that nothing new is to be taken. */
struct halt {
	int64_t since;		/* 0: there is none */
	char reason[512];
};

struct source {
	const struct settings *settings;
	const char *where;	/* as configured */
	bool url;
	bool plain;		/* a folder of bundles, no repository */
	bool keep;		/* what is verified is kept in the state folder */
	bool kept;		/* nobody is asked: source_open_kept() */
	int folder;		/* fd of a folder, or -1 */
	struct halt halt;	/* after a source_get() */
	/* internal: the trusted metadata, unless `keep` */
	struct pack store;
	bool trusting;		/* the root is in the store */
	/* internal: the conversation with the fetcher */
	int sock;		/* or -1 */
	pid_t child;		/* the fetcher is our own child, or 0 */
	int64_t deadline;	/* ms, for all files together */
};

/* -ENETUNREACH: no such folder, -EINVAL: not a folder or URL that we know. */
int source_open(const struct settings *s, bool keep, struct source *out, struct klp_err *err);
/* The same, and whose signatures count; -ENOKEY: nobody is trusted. */
int source_open_trusted(const struct settings *s, bool keep, struct source *src, struct keyring **keyring,
			struct klp_err *err);
/*
 * What the repository has said when it answered last, in the place of a source that doesn't: the metadata in the state folder, by all
 * the client's rules, of which expiry is one, and the index.  Bundles aren't in it.
 */
void source_open_kept(const struct settings *s, struct source *out);
void source_close(struct source *src);

/*
 * The repository's target @path, at most @limit bytes, malloc()ed and verified.
 * -ENOENT: the repository says that there is none; -ENETUNREACH, -ENODATA: the source didn't answer, or hasn't got what it ought to
 * have; all else: tuf.h.
 */
int source_get(struct source *src, const char *path, size_t limit, void **out, size_t *len,
	       struct klp_err *err);

#endif
