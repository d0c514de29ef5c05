// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * roots.c - see roots.h.
 *
 * MEMORY/trust.json is {"root": the text of the newest root, "seen": [SHA-256 of each root that was taken, hex]}. "seen" tells the
 * operator's file of long ago, from which the chain has gone on, from one that is something else.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <jansson.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "owned.h"
#include "roots.h"
#include "sign.h"
#include "../tuf/metadata.h"
#include "../tuf/roots.h"
#include "../tuf/tuf_limits.h"

#define TRUST_FILE	"trust.json"
#define TRUST_MAX	(8u << 20)	/* bytes: a root, escaped, and some thousand digests */

struct roots {
	const struct roots_from *from;
	char path[PATH_MAX];		/* of the memory */
	int lock;
	struct tuf_doc *root;		/* NULL: none yet */
	json_t *seen;
	bool changed;
};

static void roots_close(struct roots *r)
{
	tuf_doc_free(r->root);
	json_decref(r->seen);
	if (r->lock >= 0)
		close(r->lock);
}

/* Takes @doc over, which is to be trusted from now on. */
static int take_root(struct roots *r, struct tuf_doc *doc, struct klp_err *err)
{
	char digest[SHA256_HEX_LEN + 1];

	tuf_doc_free(r->root);
	r->root = doc;
	r->changed = true;
	if (sha256_hex(doc->content.bytes, doc->content.len, digest) || json_array_append_new(r->seen, json_string(digest)))
		return klp_err_sys(err, -ENOMEM, "cannot keep root %lld", (long long)tuf_root_version(doc));
	return 0;
}

static bool was_seen(const struct roots *r, const char *digest)
{
	json_t *one;
	size_t i;

	json_array_foreach(r->seen, i, one)
		if (!strcmp(json_string_value(one), digest))
			return true;
	return false;
}

/* ---- the memory ---- */

static bool all_digests(json_t *seen)
{
	json_t *one;
	size_t i;

	json_array_foreach(seen, i, one)
		if (!json_is_string(one) || !hex_valid(json_string_value(one), SHA256_HEX_LEN))
			return false;
	return json_array_size(seen) > 0;
}

static int parse_memory(struct roots *r, const char *text, size_t len, struct klp_err *err)
{
	json_t *all = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL), *root = json_object_get(all, "root");
	json_t *seen = json_object_get(all, "seen");
	int ret = -EBADMSG;

	if (json_is_string(root) && all_digests(seen))
		ret = tuf_root_first(json_string_value(root), json_string_length(root), &r->root, err);
	else
		klp_err_set(err, ret, "it isn't what klp-apply writes");
	if (!ret) {
		json_decref(r->seen);
		r->seen = json_incref(seen);
	}
	json_decref(all);
	return ret;
}

/* Without it nobody knows which keys are revoked: that is an error, and no reason to start from the beginning. */
static int read_memory(struct roots *r, struct klp_err *err)
{
	void *text;
	size_t len;
	int ret = io_read_file(r->path, TRUST_MAX, &text, &len, err);

	if (ret == -ENOENT)
		return 0;
	if (!ret) {
		ret = parse_memory(r, text, len, err);
		free(text);
	}
	if (!ret)
		return 0;
	klp_err_wrap(err, "which keys are revoked can't be told from %s; restore it from a backup, or start anew from %s: "
		     "`klp-apply trust --allow older`", r->path, r->from->file);
	return err->code = -EBADMSG;
}

static int write_memory(const struct roots *r, struct klp_err *err)
{
	const struct tuf_content *c = &r->root->content;
	json_t *all = json_pack("{s:s%, s:O}", "root", (const char *)c->bytes, c->len, "seen", r->seen);
	char *text = all ? json_dumps(all, JSON_SORT_KEYS | JSON_INDENT(1)) : NULL;
	int ret = text ? io_write_atomic(r->path, text, strlen(text), 0600, err) : klp_err_sys(err, -ENOMEM, "cannot write %s", r->path);

	free(text);
	json_decref(all);
	return ret ? klp_err_wrap(err, "root %lld can't be remembered, so it isn't used", (long long)c->version) : 0;
}

/* One klp-apply at a time; nobody else can open the folder. */
static int lock_memory(struct roots *r, struct klp_err *err)
{
	int ret = io_mkdirs(r->from->memory, 0700, err);

	if (ret)
		return ret == -EACCES ? klp_err_wrap(err, "whose signatures count is root's to know") : ret;
	r->lock = open(r->from->memory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->lock < 0 || flock(r->lock, LOCK_EX))
		return klp_err_sys(err, -errno, "cannot lock %s", r->from->memory);
	return 0;
}

/* ---- the operator's file ---- */

static int start_from(struct roots *r, const void *data, size_t len, struct klp_err *err)
{
	struct tuf_doc *doc;
	int ret = tuf_root_first(data, len, &doc, err);

	if (ret)
		return ret;
	if (r->root && tuf_root_version(doc) <= tuf_root_version(r->root)) {
		ret = klp_err_set(err, -ESTALE, "root %lld isn't newer than root %lld, which this machine trusts, nor one that it came from; "
				  "if it is another publisher's, and meant: `klp-apply trust --allow older`", (long long)tuf_root_version(doc),
				  (long long)tuf_root_version(r->root));
		tuf_doc_free(doc);
		return ret;
	}
	return take_root(r, doc, err);
}

static int read_operators(struct roots *r, struct klp_err *err)
{
	char digest[SHA256_HEX_LEN + 1];
	size_t len;
	void *data;
	int ret = owned_check(r->from->file, err);

	if (!ret)
		ret = io_read_file(r->from->file, TUF_ROOT_MAX, &data, &len, err);
	if (ret)
		return ret == -ENOENT && !r->from->anew ? 0 : ret;
	if (sha256_hex(data, len, digest))
		ret = klp_err_set(err, -EIO, "cannot be hashed");
	else if (!was_seen(r, digest))
		ret = start_from(r, data, len, err);
	free(data);
	return ret ? klp_err_wrap(err, "%s", r->from->file) : 0;
}

/* ---- the chain ---- */

/* -ENOENT: there is no next one in @folder, as is normal. */
static int step_root(struct roots *r, int folder, struct klp_err *err)
{
	struct tuf_doc *next;
	char name[48];
	size_t len;
	void *data;
	int fd, ret;

	snprintf(name, sizeof(name), "%lld.root.json", (long long)tuf_root_version(r->root) + 1);
	fd = io_open_beneath(folder, name, O_RDONLY | O_NONBLOCK, err);
	if (fd < 0)
		return fd;
	ret = io_read_fd(fd, name, TUF_ROOT_MAX, &data, &len, err);
	close(fd);
	if (ret)
		return ret;
	ret = tuf_root_next(r->root, data, len, &next, err);
	free(data);
	return ret ? klp_err_wrap(err, "%s", name) : take_root(r, next, err);
}

static int follow(struct roots *r, const char *path, struct klp_err *err)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;

	if (folder < 0)
		return errno == ENOENT ? 0 : klp_err_sys(err, -errno, "cannot look for roots in %s", path);
	for (int n = 0; !ret && n < TUF_ROOTS_MAX; n++)
		ret = step_root(r, folder, err);
	close(folder);
	if (!ret || ret == -ENOENT)
		return 0;
	return klp_err_wrap(err, "the root after number %lld, in %s", (long long)tuf_root_version(r->root), path);
}

/* One folder may have what comes after another's last. */
static int follow_all(struct roots *r, struct klp_err *err)
{
	int64_t before;
	int ret = 0;

	do {
		before = tuf_root_version(r->root);
		for (size_t i = 0; i < 2 && !ret; i++)
			if (r->from->folders[i])
				ret = follow(r, r->from->folders[i], err);
	} while (!ret && tuf_root_version(r->root) != before);
	return ret;
}

static int reach_newest(struct roots *r, struct klp_err *err)
{
	int ret = lock_memory(r, err);

	if (!ret && !r->from->anew)
		ret = read_memory(r, err);
	if (!ret)
		ret = read_operators(r, err);
	if (!ret && r->root && !r->from->anew)
		ret = follow_all(r, err);
	return !ret && r->changed ? write_memory(r, err) : ret;
}

static bool any_root(const struct roots *r)
{
	return r->from->anew || !access(r->path, F_OK) || errno != ENOENT || !access(r->from->file, F_OK) || errno != ENOENT;
}

int roots_keyring(const struct roots_from *from, struct keyring **out, int64_t *version, struct klp_err *err)
{
	struct roots r = { .from = from, .lock = -1, .seen = json_array() };
	struct keyring *ring = NULL;
	int64_t reached = 0;
	int ret = r.seen ? 0 : klp_err_sys(err, -ENOMEM, "cannot read which root is trusted");

	if (!ret && (size_t)snprintf(r.path, sizeof(r.path), "%s/" TRUST_FILE, from->memory) >= sizeof(r.path))
		ret = klp_err_sys(err, -ENAMETOOLONG, "%s", from->memory);
	if (!ret && any_root(&r)) {
		ret = reach_newest(&r, err);
		if (!ret && r.root) {
			reached = tuf_root_version(r.root);
			ret = tuf_root_keyring(r.root, &ring, err);
		}
	}
	roots_close(&r);
	if (ret)
		return ret;
	*out = ring;
	*version = reached;
	return 0;
}
