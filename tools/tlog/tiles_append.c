// SPDX-License-Identifier: GPL-2.0-or-later
/* tiles_append.c - writing a log's files: see tiles.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "tiles.h"

#define ENTRIES	(-1)

static int write_file(const char *dir, int level, uint64_t n, unsigned int width, const void *data, size_t len,
		      struct klp_err *err)
{
	char inside[TLOG_TILE_PATH_ROOM], path[PATH_MAX];
	char *slash;
	int ret;

	tlog_tile_path(level, n, width, inside);
	if (snprintf(path, sizeof(path), "%s/%s", dir, inside) >= (int)sizeof(path))
		return klp_err_sys(err, -ENAMETOOLONG, "%s", dir);
	slash = strrchr(path, '/');
	*slash = 0;
	ret = io_mkdirs(path, 0755, err);
	*slash = '/';
	return ret ? ret : io_write_atomic(path, data, len, 0644, err);
}

/* One file's content as it grows; it is written when it is full, and at the end. */
struct grower {
	const char *dir;
	int level;
	uint64_t count;		/* hashes or entries, with those in the files before */
	char *data;
	size_t len, room;
	struct klp_err *err;
};

static int grow(struct grower *g, const void *data, size_t len)
{
	char *more;

	if (g->len + len > g->room) {
		g->room = 2 * (g->len + len);
		more = realloc(g->data, g->room);
		if (!more)
			return klp_err_sys(g->err, -ENOMEM, "cannot write the log %s", g->dir);
		g->data = more;
	}
	memcpy(g->data + g->len, data, len);
	g->len += len;
	return 0;
}

static int grower_write(struct grower *g)
{
	unsigned int width = g->count % TLOG_TILE_WIDTH ? g->count % TLOG_TILE_WIDTH : TLOG_TILE_WIDTH;
	int ret = write_file(g->dir, g->level, (g->count - 1) / TLOG_TILE_WIDTH, width, g->data, g->len, g->err);

	g->len = 0;
	return ret;
}

/* One hash or entry is complete. */
static int grower_count(struct grower *g)
{
	return ++g->count % TLOG_TILE_WIDTH ? 0 : grower_write(g);
}

static int grower_end(struct grower *g, int ret)
{
	if (!ret && g->count % TLOG_TILE_WIDTH)
		ret = grower_write(g);
	free(g->data);
	return ret;
}

static int add_entry(struct grower *g, struct tlog_slice entry)
{
	const uint8_t length[2] = { (uint8_t)(entry.len >> 8), (uint8_t)entry.len };
	int ret;

	if (entry.len > TLOG_ENTRY_MAX)
		return klp_err_set(g->err, -EFBIG, "an entry of %zu bytes is too long for a log", entry.len);
	ret = grow(g, length, sizeof(length));
	if (!ret)
		ret = grow(g, entry.at, entry.len);
	return ret ? ret : grower_count(g);
}

/* An old entry is written once more: it has to be the one of its hash. */
static int add_old_entry(struct grower *g, struct tlog_tiles *old)
{
	struct tlog_hash stored, hash;
	struct tlog_slice entry;
	int ret;

	ret = tlog_tiles_entry(old, g->count, &entry, g->err);
	if (!ret)
		ret = tlog_tiles_node(old, 0, g->count, &stored, g->err);
	if (!ret)
		ret = merkle_leaf(entry.at, entry.len, &hash);
	if (!ret && memcmp(&stored, &hash, sizeof(hash)))
		ret = klp_err_set(g->err, -EBADMSG, "entry %llu of the log %s isn't the one of its hash: something has changed the files",
				  (unsigned long long)g->count, g->dir);
	return ret ? ret : add_entry(g, entry);
}

static int append_entries(struct tlog_tiles *old, const char *dir, uint64_t old_size, const struct tlog_slice *entries,
			  size_t nr, struct klp_err *err)
{
	struct grower g = { .dir = dir, .level = ENTRIES, .count = old_size / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH, .err = err };
	int ret = 0;

	while (g.count < old_size && !ret)
		ret = add_old_entry(&g, old);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = add_entry(&g, entries[i]);
	return grower_end(&g, ret);
}

static int add_hash(struct grower *g, const struct tlog_hash *hash)
{
	int ret = grow(g, hash->bytes, sizeof(hash->bytes));

	return ret ? ret : grower_count(g);
}

/* Of a full tile below, which is written already: the root of its two halves. */
static int tile_root(struct tlog_tiles *new, unsigned int height, uint64_t index, struct tlog_hash *out, struct klp_err *err)
{
	struct tlog_hash left, right;
	int ret;

	ret = tlog_tiles_node(new, height - 1, 2 * index, &left, err);
	if (!ret)
		ret = tlog_tiles_node(new, height - 1, 2 * index + 1, &right, err);
	return ret ? ret : merkle_node(&left, &right, out);
}

/* The hashes of one level: what there was in its last file, then those of the new leaves or full tiles. */
static int append_level(struct tlog_tiles *old, struct tlog_tiles *new, const char *dir, unsigned int level,
			uint64_t old_count, uint64_t new_count, const struct tlog_slice *entries, struct klp_err *err)
{
	struct grower g = { .dir = dir, .level = (int)level, .count = old_count / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH, .err = err };
	unsigned int height = level * TLOG_TILE_HEIGHT;
	const struct tlog_slice *entry;
	struct tlog_hash hash;
	int ret = 0;

	while (g.count < new_count && !ret) {
		entry = level || g.count < old_count ? NULL : &entries[g.count - old_count];
		if (g.count < old_count)
			ret = tlog_tiles_node(old, height, g.count, &hash, err);
		else if (entry)
			ret = merkle_leaf(entry->at, entry->len, &hash);
		else
			ret = tile_root(new, height, g.count, &hash, err);
		if (!ret)
			ret = add_hash(&g, &hash);
	}
	return grower_end(&g, ret);
}

static int append_hashes(struct tlog_tiles *old, struct tlog_tiles *new, const char *dir, uint64_t old_count,
			 uint64_t new_count, const struct tlog_slice *entries, struct klp_err *err)
{
	int ret = 0;

	for (unsigned int level = 0; level < TLOG_LEVELS && new_count > old_count && !ret; level++) {
		ret = append_level(old, new, dir, level, old_count, new_count, entries, err);
		old_count /= TLOG_TILE_WIDTH;
		new_count /= TLOG_TILE_WIDTH;
	}
	return ret;
}

int tlog_tiles_append(const char *dir, uint64_t old_size, const struct tlog_slice *entries, size_t nr, struct klp_err *err)
{
	struct tlog_tiles *old, *new;
	int ret;

	ret = tlog_tiles_open(dir, old_size, &old, err);
	if (ret)
		return ret;
	ret = tlog_tiles_open(dir, old_size + nr, &new, err);
	if (!ret) {
		ret = append_entries(old, dir, old_size, entries, nr, err);
		if (!ret)
			ret = append_hashes(old, new, dir, old_size, old_size + nr, entries, err);
		tlog_tiles_close(new);
	}
	tlog_tiles_close(old);
	return ret;
}
