// SPDX-License-Identifier: GPL-2.0-or-later
/* refresh.c - see tuf.h: sections 5.3 to 5.6 of the specification, in their order; numbers in comments are its steps. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "client.h"
#include "err.h"
#include "jsonstr.h"
#include "roots.h"
#include "store.h"

/* Has a key that @role had in @before been taken from it in @after? */
static bool key_taken(const struct tuf_content *before, const struct tuf_content *after, enum tuf_type role)
{
	json_t *old = json_object_get(tuf_root_authority(before, role).role, "keyids"), *id, *other;
	json_t *now = json_object_get(tuf_root_authority(after, role).role, "keyids");
	size_t i, j;

	json_array_foreach(old, i, id) {
		bool kept = false;

		json_array_foreach(now, j, other)
			kept |= json_equal(id, other);
		if (!kept)
			return true;
	}
	return false;
}

/*
 * 5.3.11, recovery from versions that a thief of the keys has put far ahead.  Done before the new root is kept:
 * a run that is killed in between, or ends with an expired root, would forget that keys have changed.
 */
static int forget_rotated(const struct tuf_client *c, const struct tuf_doc *root, struct klp_err *err)
{
	int ret = 0;

	if (!key_taken(&c->root->content, &root->content, TUF_TIMESTAMP) &&
	    !key_taken(&c->root->content, &root->content, TUF_SNAPSHOT))
		return 0;
	ret = tuf_drop(c, "timestamp", err);
	return ret ? ret : tuf_drop(c, "snapshot", err);
}

/* For those who follow the chain by themselves, from wherever they are.  Before it counts here: a run that is killed does it again. */
static int keep_for_others(const struct tuf_client *c, const struct tuf_doc *root, struct klp_err *err)
{
	char name[32];

	if (!c->config.roots)
		return 0;
	snprintf(name, sizeof(name), "%lld.root", (long long)root->content.version);
	return tuf_store_save(c->config.roots, name, root->content.bytes, root->content.len, err);
}

/* -ENOENT: there is no next root, as is normal. */
static int step_root(struct tuf_client *c, struct klp_err *err)
{
	int64_t next = c->root->content.version + 1;
	struct tuf_doc *root = NULL;
	void *data;
	size_t len;
	int ret = tuf_get_metadata(c, "root", next, TUF_ROOT_MAX, &data, &len, err);

	if (ret)
		return ret;
	ret = tuf_root_next(c->root, data, len, &root, err);
	free(data);
	if (ret) {
		klp_err_wrap(err, "root %lld", (long long)next);
		return ret;
	}
	ret = keep_for_others(c, root, err);
	if (!ret)
		ret = forget_rotated(c, root, err);
	if (!ret)
		ret = tuf_keep(c, "root", root, err);
	if (ret) {
		tuf_doc_free(root);
		/* Not to be taken for a server's 404. */
		return ret == -ENOENT ? -EIO : ret;
	}
	tuf_doc_free(c->root);
	c->root = root;
	return 0;
}

static int refresh_root(struct tuf_client *c, struct klp_err *err)
{
	int ret = 0;

	for (int n = 0; !ret && n < TUF_ROOTS_MAX; n++)
		ret = step_root(c, err);
	if (ret && ret != -ENOENT)
		return ret;
	return tuf_check_expiry(c, c->root, err);
}

static int64_t snapshot_version(const struct tuf_doc *timestamp)
{
	struct tuf_meta meta = { 0 };

	tuf_meta_of(timestamp, "snapshot", &meta);
	return meta.version;
}

/* 5.4.3: not older than @old, neither itself nor what it points at. */
static int check_timestamp(const struct tuf_doc *doc, const struct tuf_doc *old, struct klp_err *err)
{
	if (doc->content.version < old->content.version)
		return klp_err_set(err, -ESTALE, "timestamp %lld is older than %lld, which was seen before",
				   (long long)doc->content.version, (long long)old->content.version);
	if (snapshot_version(doc) < snapshot_version(old))
		return klp_err_set(err, -ESTALE, "timestamp %lld is of snapshot %lld, which is older than %lld, seen before",
				   (long long)doc->content.version, (long long)snapshot_version(doc),
				   (long long)snapshot_version(old));
	return 0;
}

/* *@doc is a new one; with a version that is known already it is freed, and the known one is used on. */
static int settle_timestamp(struct tuf_client *c, struct tuf_doc **doc, struct klp_err *err)
{
	struct tuf_doc *old = tuf_stored(c, TUF_TIMESTAMP), *keep = *doc;
	bool same = old && old->content.version == keep->content.version;
	int ret = 0;

	if (same) {
		keep = old;
		old = *doc;
	} else if (old) {
		ret = check_timestamp(keep, old, err);
	}
	if (!ret)
		ret = tuf_check_expiry(c, keep, err);
	if (!ret && !same)
		ret = tuf_keep(c, "timestamp", keep, err);
	tuf_doc_free(old);
	*doc = keep;
	return ret;
}

static int refresh_timestamp(struct tuf_client *c, struct klp_err *err)
{
	struct tuf_authority by = tuf_root_authority(&c->root->content, TUF_TIMESTAMP);
	struct tuf_doc *doc;
	void *data;
	size_t len;
	int ret = tuf_get_metadata(c, "timestamp", 0, TUF_TIMESTAMP_MAX, &data, &len, err);

	if (ret)
		return ret == -ENOENT ? tuf_missing(err) : ret;
	ret = tuf_read(data, len, TUF_TIMESTAMP, &by, &doc, err);
	free(data);
	if (ret) {
		klp_err_wrap(err, "timestamp");
		return ret;
	}
	ret = settle_timestamp(c, &doc, err);
	if (ret) {
		tuf_doc_free(doc);
		return ret;
	}
	tuf_doc_free(c->timestamp);
	c->timestamp = doc;
	return 0;
}

static int refresh_snapshot(struct tuf_client *c, struct klp_err *err)
{
	struct tuf_doc *old = tuf_stored(c, TUF_SNAPSHOT), *doc;
	struct tuf_listed l = {
		.type = TUF_SNAPSHOT, .name = "snapshot", .by = tuf_root_authority(&c->root->content, TUF_SNAPSHOT), .old = old,
	};
	int ret;

	tuf_meta_of(c->timestamp, "snapshot", &l.meta);
	ret = tuf_load_listed(c, &l, &doc, err);
	tuf_doc_free(old);
	if (ret) {
		klp_err_wrap(err, "snapshot");
		return ret;
	}
	tuf_doc_free(c->snapshot);
	c->snapshot = doc;
	return 0;
}

static int refresh_targets(struct tuf_client *c, struct klp_err *err)
{
	struct tuf_authority by = tuf_root_authority(&c->root->content, TUF_TARGETS);
	struct tuf_doc *doc;
	int ret = tuf_load_targets(c, "targets", &by, &doc, err);

	if (ret)
		return ret;
	tuf_doc_free(c->targets);
	c->targets = doc;
	return 0;
}

int tuf_refresh(struct tuf_client *c, struct klp_err *err)
{
	int ret = refresh_root(c, err);

	if (!ret)
		ret = refresh_timestamp(c, err);
	if (!ret)
		ret = refresh_snapshot(c, err);
	if (!ret)
		ret = refresh_targets(c, err);
	return ret ? ret : tuf_keep_time(c, err);
}
