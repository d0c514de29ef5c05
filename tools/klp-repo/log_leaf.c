// SPDX-License-Identifier: GPL-2.0-or-later
/* log_leaf.c - from a file to its leaf, and from a leaf to its place: see publog.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "keyring.h"
#include "manifest.h"
#include "publog.h"

/* For a bundle: cut short, it would be another name. */
static int copy(char *out, size_t room, const char *text, struct klp_err *err)
{
	return (size_t)snprintf(out, room, "%s", text) < room ? 0 : klp_err_set(err, -EFBIG, "\"%s\" is too long for a log", text);
}

static int bundle_leaf(const struct log_options *opt, const void *data, size_t len, struct tlog_leaf *leaf, struct klp_err *err)
{
	struct verified_bundle *vb;
	const struct manifest *m;
	struct keyring *ring;
	int fd, ret;

	ret = keyring_load(opt->keys, &ring, err);
	if (ret)
		return ret;
	ret = io_sealed_memfd("bundle", data, len, &fd, err);
	if (!ret) {
		ret = bundle_verify(fd, ring, false, &vb, err);
		close(fd);
	}
	keyring_free(ring);
	if (ret)
		return ret;
	m = verified_bundle_manifest(vb);
	leaf->kind = TLOG_BUNDLE;
	leaf->release = m->release;
	strcpy(leaf->digest, verified_bundle_id(vb));
	ret = copy(leaf->name, sizeof(leaf->name), m->name, err);
	if (!ret)
		ret = copy(leaf->build_id, sizeof(leaf->build_id), m->kernel_build_id, err);
	verified_bundle_free(vb);
	return ret;
}

/* TUF's root.json; its signatures are for who takes it to verify, here it counts that it is known. */
static int root_leaf(const void *data, size_t len, struct tlog_leaf *leaf, struct klp_err *err)
{
	json_t *file = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *body = json_object_get(file, "signed");
	json_int_t version = json_integer_value(json_object_get(body, "version"));
	bool is_root = !strcmp(str(body, "_type"), "root") && version > 0;

	json_decref(file);
	if (!is_root)
		return klp_err_set(err, -EBADMSG, "neither a bundle nor a root.json; what withdraws a release is appended with --withdraw NAME --release N");
	leaf->kind = TLOG_ROOT;
	leaf->release = (uint64_t)version;
	strcpy(leaf->name, "root");
	return 0;
}

static int read_leaf(const struct log_options *opt, const void *data, size_t len, struct tlog_leaf *leaf, struct klp_err *err)
{
	struct bundle *b;
	int ret;

	ret = bundle_parse(data, len, &b, err);
	if (!ret && opt->withdraw) {
		bundle_free(b);
		return klp_err_set(err, -EINVAL, "a bundle doesn't withdraw a release; name the file that does");
	}
	if (!ret) {
		bundle_free(b);
		return bundle_leaf(opt, data, len, leaf, err);
	}
	if (len && *(const uint8_t *)data == 0x89)
		return ret;	/* meant to be one */
	if (sha256_hex(data, len, leaf->digest))
		return klp_err_set(err, -EIO, "cannot compute a digest");
	if (!opt->withdraw)
		return root_leaf(data, len, leaf, err);
	leaf->kind = TLOG_WITHDRAWAL;
	leaf->release = opt->release;
	return copy(leaf->name, sizeof(leaf->name), opt->withdraw, err);
}

void log_leaf_date(struct tlog_leaf *leaf)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(leaf->time, sizeof(leaf->time), "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int log_leaf_of(const struct log_options *opt, const char *path, struct tlog_leaf *out, struct klp_err *err)
{
	struct tlog_leaf leaf = { 0 };
	size_t len;
	void *data;
	int ret;

	ret = io_read_file(path, BUNDLE_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = read_leaf(opt, data, len, &leaf, err);
	free(data);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	log_leaf_date(&leaf);
	*out = leaf;
	return 0;
}

static bool same_name(const struct tlog_leaf *a, const struct tlog_leaf *b)
{
	return a->kind == b->kind && a->release == b->release && !strcmp(a->name, b->name) && !strcmp(a->build_id, b->build_id);
}

bool log_leaf_same(const struct tlog_leaf *a, const struct tlog_leaf *b)
{
	return same_name(a, b) && !strcmp(a->digest, b->digest);
}

/* A withdrawal is said again with every new file that holds it. */
bool log_leaf_clash(const struct tlog_leaf *a, const struct tlog_leaf *b)
{
	return same_name(a, b) && strcmp(a->digest, b->digest) && a->kind != TLOG_WITHDRAWAL;
}

static int leaf_at(struct tlog_tiles *tiles, uint64_t i, struct tlog_slice *entry, struct tlog_leaf *out, struct klp_err *err)
{
	struct tlog_hash stored, hash;
	int ret;

	ret = tlog_tiles_entry(tiles, i, entry, err);
	if (!ret)
		ret = tlog_tiles_node(tiles, 0, i, &stored, err);
	if (!ret)
		ret = merkle_leaf(entry->at, entry->len, &hash);
	if (!ret && memcmp(&stored, &hash, sizeof(hash)))
		ret = klp_err_set(err, -EBADMSG, "the entry isn't the one of its hash: something has changed the log's files");
	if (!ret)
		ret = tlog_leaf_parse(entry->at, entry->len, out, err);
	if (!ret)
		return 0;
	/* A file that isn't there mustn't pass for a leaf that isn't. */
	err->code = ret == -ENOENT ? -EBADMSG : ret;
	return klp_err_wrap(err, "leaf %llu", (unsigned long long)i);
}

/* Is @leaf @other, which is entry @i?  -EEXIST: no, but that one stands in its way. */
static int compare(const struct tlog_leaf *other, uint64_t i, const struct tlog_leaf *leaf, bool *same, struct klp_err *err)
{
	if (log_leaf_clash(other, leaf))
		return klp_err_set(err, -EEXIST, "another %s %s of release %llu is in the log already, as leaf %llu of %s; a release is published once, "
				   "count it up", tlog_leaf_word(leaf->kind), leaf->name, (unsigned long long)leaf->release,
				   (unsigned long long)i, other->time);
	*same |= log_leaf_same(other, leaf);
	return 0;
}

static int find(struct tlog_tiles *tiles, uint64_t size, const struct tlog_leaf *leaf, uint64_t *index, struct tlog_slice *entry,
		struct klp_err *err)
{
	struct tlog_leaf other;
	bool same = false;
	int ret = 0;

	for (uint64_t i = 0; i < size && !ret && !same; i++) {
		ret = leaf_at(tiles, i, entry, &other, err);
		if (!ret)
			ret = compare(&other, i, leaf, &same, err);
		*index = i;
	}
	if (!ret && !same)
		return klp_err_set(err, -ENOENT, "%s %s of release %llu isn't in the log's %llu leaves", tlog_leaf_word(leaf->kind),
				   leaf->name, (unsigned long long)leaf->release, (unsigned long long)size);
	return ret;
}

int log_find(const char *dir, uint64_t size, const struct tlog_leaf *leaf, uint64_t *index, char **text, size_t *len,
	     struct klp_err *err)
{
	struct tlog_tiles *tiles;
	struct tlog_slice entry;
	int ret;

	ret = tlog_tiles_open(dir, size, &tiles, err);
	if (ret)
		return ret;
	ret = find(tiles, size, leaf, index, &entry, err);
	if (!ret && text) {
		*text = malloc(entry.len);
		*len = entry.len;
		if (*text)
			memcpy(*text, entry.at, entry.len);
		else
			ret = klp_err_sys(err, -ENOMEM, "cannot read the log %s", dir);
	}
	tlog_tiles_close(tiles);
	return ret;
}

int log_find_all(const char *dir, uint64_t size, const struct tlog_leaf *leaves, size_t nr, bool *found, struct klp_err *err)
{
	struct tlog_tiles *tiles;
	struct tlog_slice entry;
	struct tlog_leaf other;
	int ret;

	ret = tlog_tiles_open(dir, size, &tiles, err);
	if (ret)
		return ret;
	for (uint64_t i = 0; i < size && !ret; i++) {
		ret = leaf_at(tiles, i, &entry, &other, err);
		for (size_t j = 0; j < nr && !ret; j++)
			ret = compare(&other, i, &leaves[j], &found[j], err);
	}
	tlog_tiles_close(tiles);
	return ret;
}
