// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trust.c - see trust.h.
 *
 * The operator's root.json is where trust starts; the store goes on from it by itself, as roots are rotated.  The digest of
 * the file that it started from is kept beside the store: when the operator puts another file there, trust starts anew from
 * that.  Versions that were seen stay known as long as their keys are trusted (tuf_stored()).
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "fetch.h"
#include "hex.h"
#include "io.h"
#include "keyring.h"
#include "owned.h"
#include "settings/settings.h"
#include "trust.h"
#include "tuf/metadata.h"
#include "tuf/roots.h"
#include "tuf/tuf.h"

#define PINNED	"pinned"	/* in the store's folder: SHA-256 of the operator's file */

void trust_folder(const struct settings *s, char out[4096])
{
	snprintf(out, 4096, "%s/tuf", s->state);
}

void trust_roots(const struct settings *s, char out[4096])
{
	snprintf(out, 4096, "%s/roots", s->state);
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

/* Is @digest the one that the store was started from? */
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

/* With none of another publisher's. */
static int empty_folder(const char *path, struct klp_err *err)
{
	int ret = io_mkdirs(path, 0755, err);
	DIR *folder = ret ? NULL : opendir(path);
	struct dirent *de;

	if (!ret && !folder)
		ret = klp_err_sys(err, -errno, "cannot empty %s", path);
	while (!ret && (de = readdir(folder)))
		if (de->d_name[0] != '.' && unlinkat(dirfd(folder), de->d_name, 0))
			ret = klp_err_sys(err, -errno, "cannot remove %s/%s", path, de->d_name);
	if (folder)
		closedir(folder);
	return ret;
}

/* Into the folder; the note last, so that a machine that dies between the two starts anew once more. */
static int start_folder(const struct source *src, const char *folder, const char *digest, const void *root, size_t len,
			struct klp_err *err)
{
	char path[PATH_MAX], roots[4096];
	int ret = io_mkdirs(folder, 0700, err);

	trust_roots(src->settings, roots);
	if (!ret)
		ret = empty_folder(roots, err);
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
		return start_folder(src, folder, digest, root, len, err);
	return pack_put(&src->store, "root.json", 0, root, len) ? klp_err_sys(err, -ENOMEM, "cannot keep a root") : 0;
}

int trust_open(struct source *src, struct klp_err *err)
{
	char folder[4096], roots[4096], stored[PATH_MAX], digest[SHA256_HEX_LEN + 1];
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
	trust_roots(src->settings, roots);
	/* A store from before the roots were kept: they are gone through once more. */
	snprintf(stored, sizeof(stored), "%.4000s/root.json", folder);
	/* Nor is one known of which nothing but the note is left. */
	known = !ret && is_pinned(folder, digest) && !access(stored, F_OK) && (!src->keep || !access(roots, F_OK));
	if (!ret && !src->keep)
		ret = tuf_store_read(folder, &src->store, err);
	if (!ret && !known)
		ret = start(src, folder, digest, root, len, err);
	free(root);
	src->trusting = !ret;
	return ret;
}

/*
 * The newest root: the store's, or the operator's file while the store wasn't started from that; @path is told which.
 * -ENOENT: neither is there.
 */
static int newest_root(const struct settings *s, char path[PATH_MAX], void **out, size_t *len, struct klp_err *err)
{
	char folder[4096], stored[PATH_MAX], digest[SHA256_HEX_LEN + 1];
	int ret = owned_check(s->trust, err);

	trust_folder(s, folder);
	snprintf(stored, sizeof(stored), "%.4000s/root.json", folder);
	if (!ret)
		ret = io_read_file(s->trust, TUF_ROOT_MAX, out, len, err);
	snprintf(path, PATH_MAX, "%s", ret == -ENOENT ? stored : s->trust);
	if (ret == -ENOENT)
		return io_read_file(stored, TUF_ROOT_MAX, out, len, err);
	if (ret)
		return ret;
	if (sha256_hex(*out, *len, digest) || !is_pinned(folder, digest) || access(stored, F_OK))
		return 0;
	free(*out);
	snprintf(path, PATH_MAX, "%s", stored);
	return io_read_file(stored, TUF_ROOT_MAX, out, len, err);
}

int trust_keyring(const struct settings *s, struct keyring **out, char where[256], struct klp_err *err)
{
	char path[PATH_MAX];
	struct tuf_doc *root;
	size_t len;
	void *data;
	int ret = strcmp(s->signers, "root") ? -ENOENT : newest_root(s, path, &data, &len, err);

	if (ret == -ENOENT) {
		if (where)
			snprintf(where, 256, "%s", s->keys);
		return keyring_load(s->keys, out, err);
	}
	if (ret)
		return ret;
	ret = tuf_root_first(data, len, &root, err);
	free(data);
	if (ret)
		return klp_err_wrap(err, "%s isn't a good root%s", path, strcmp(path, s->trust) ? "; restore it, or remove it to start from trust again" : "");
	if (where)
		snprintf(where, 256, "root %lld", (long long)tuf_root_version(root));
	ret = tuf_root_keyring(root, out, err);
	tuf_doc_free(root);
	return ret;
}
