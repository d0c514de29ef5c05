// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trust.c - see fetch.h: whom this machine trusts with a repository.
 *
 * The operator's root.json is where trust starts; the store goes on from it by itself, as roots are rotated.  The digest of
 * the file that it started from is kept beside the store: when the operator puts another file there, trust starts anew from
 * that.  Versions that were seen stay known as long as their keys are trusted (tuf_stored()).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fetch.h"
#include "hex.h"
#include "io.h"
#include "owned.h"
#include "settings.h"
#include "../tuf/tuf.h"

#define PINNED	"pinned"	/* in the store's folder: SHA-256 of the operator's file */

void trust_folder(const struct settings *s, char out[4096])
{
	snprintf(out, 4096, "%s/tuf", s->state);
}

/* Who may write it decides whose patches go in. */
static int read_root(const char *path, void **out, size_t *len, struct klp_err *err)
{
	int ret = owned_check(path, err);

	if (!ret)
		ret = io_read_file(path, TUF_ROOT_MAX, out, len, err);
	if (ret == -ENOENT)
		return klp_err_set(err, -ENOKEY, "no root is trusted: put the publisher's root.json at %s (trust in update.conf)", path);
	return ret;
}

static bool is_pinned(const char *folder, const char *digest)
{
	char path[PATH_MAX];
	size_t len;
	void *text;
	bool yes;

	snprintf(path, sizeof(path), "%.4000s/" PINNED, folder);
	if (io_read_file(path, SHA256_HEX_LEN, &text, &len, NULL))
		return false;
	yes = !strcmp(text, digest);
	free(text);
	return yes;
}

/* Into the folder; the note last, so that a machine that dies between the two starts anew once more. */
static int start_folder(const char *folder, const char *digest, const void *root, size_t len, struct klp_err *err)
{
	char path[PATH_MAX];
	int ret = io_mkdirs(folder, 0700, err);

	if (!ret)
		ret = tuf_init(folder, root, len, err);
	snprintf(path, sizeof(path), "%.4000s/" PINNED, folder);
	return ret ? ret : io_write_atomic(path, digest, strlen(digest), 0600, err);
}

static int start(struct source *src, const char *folder, const char *digest, const void *root, size_t len, struct klp_err *err)
{
	int64_t version;
	int ret = tuf_root_check(root, len, &version, err);

	if (ret)
		return klp_err_wrap(err, "%s", src->settings->trust);
	if (src->keep)
		return start_folder(folder, digest, root, len, err);
	return pack_put(&src->store, "root.json", 0, root, len) ? klp_err_sys(err, -ENOMEM, "cannot keep a root") : 0;
}

int trust_open(struct source *src, struct klp_err *err)
{
	char folder[4096], digest[SHA256_HEX_LEN + 1];
	void *root;
	size_t len;
	bool known;
	int ret;

	if (src->trusting)
		return 0;
	trust_folder(src->settings, folder);
	ret = read_root(src->settings->trust, &root, &len, err);
	if (ret)
		return ret;
	if (sha256_hex(root, len, digest))
		ret = klp_err_set(err, -EIO, "cannot hash %s", src->settings->trust);
	known = !ret && is_pinned(folder, digest);
	if (!ret && !src->keep)
		ret = tuf_store_read(folder, &src->store, err);
	if (!ret && !known)
		ret = start(src, folder, digest, root, len, err);
	free(root);
	src->trusting = !ret;
	return ret;
}
