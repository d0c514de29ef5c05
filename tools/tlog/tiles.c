// SPDX-License-Identifier: GPL-2.0-or-later
/* tiles.c - reading a log's files: see tiles.h. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "tiles.h"

#define ENTRIES		(-1)
#define ENTRIES_BYTES	(TLOG_TILE_WIDTH * (2 + TLOG_ENTRY_MAX))

/* The latest file of each level, and of entries. */
struct cached {
	uint64_t n;
	unsigned int width;	/* 0: none yet */
	char *data;
	size_t len;
};

struct tlog_tiles {
	char *dir;
	int fd;
	uint64_t size;
	struct cached cached[1 + TLOG_LEVELS];
	struct tlog_slice entries[TLOG_TILE_WIDTH];	/* of the latest file of entries */
};

int tlog_tiles_open(const char *dir, uint64_t size, struct tlog_tiles **out, struct klp_err *err)
{
	struct tlog_tiles *t = calloc(1, sizeof(*t));

	if (t)
		t->dir = strdup(dir);
	if (!t || !t->dir) {
		free(t);
		return klp_err_sys(err, -ENOMEM, "cannot read the log %s", dir);
	}
	t->size = size;
	t->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0) {
		klp_err_sys(err, -errno, "cannot read the log %s", dir);
		tlog_tiles_close(t);
		return err ? err->code : -EIO;
	}
	*out = t;
	return 0;
}

void tlog_tiles_close(struct tlog_tiles *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < sizeof(t->cached) / sizeof(t->cached[0]); i++)
		free(t->cached[i].data);
	if (t->fd >= 0)
		close(t->fd);
	free(t->dir);
	free(t);
}

void tlog_tile_path(int level, uint64_t n, unsigned int width, char out[TLOG_TILE_PATH_ROOM])
{
	char groups[40];
	size_t at = sizeof(groups) - 1;
	int used;

	groups[at] = 0;
	do {
		char group[8];
		int len = snprintf(group, sizeof(group), "%s%03u", groups[at] ? "x" : "", (unsigned int)(n % 1000));

		if (groups[at])
			groups[--at] = '/';
		at -= (size_t)len;
		memcpy(groups + at, group, (size_t)len);
		n /= 1000;
	} while (n);
	used = level == ENTRIES ? snprintf(out, TLOG_TILE_PATH_ROOM, "tile/entries/%s", groups + at) :
				  snprintf(out, TLOG_TILE_PATH_ROOM, "tile/%d/%s", level, groups + at);
	if (width < TLOG_TILE_WIDTH)
		snprintf(out + used, TLOG_TILE_PATH_ROOM - (size_t)used, ".p/%u", width);
}

static int read_path(const struct tlog_tiles *t, const char *path, struct cached *out, struct klp_err *err)
{
	char what[4096];
	void *data;
	int fd, ret;

	fd = io_open_beneath(t->fd, path, O_RDONLY, err);
	if (fd < 0)
		return klp_err_wrap(err, "cannot read the log %s", t->dir);
	snprintf(what, sizeof(what), "%.2000s/%s", t->dir, path);
	ret = io_read_fd(fd, what, ENTRIES_BYTES, &data, &out->len, err);
	close(fd);
	if (!ret)
		out->data = data;
	return ret;
}

/* How many hashes or entries file @n has at @level in this log, up to 256. */
static unsigned int width_of(const struct tlog_tiles *t, int level, uint64_t n)
{
	uint64_t all = t->size >> (level > 0 ? (unsigned int)level * TLOG_TILE_HEIGHT : 0), from = n * TLOG_TILE_WIDTH;

	if (from >= all)
		return 0;
	return all - from < TLOG_TILE_WIDTH ? (unsigned int)(all - from) : TLOG_TILE_WIDTH;
}

/* A full tile is as good where a partial one was taken away: it begins with the same. */
static int load(struct tlog_tiles *t, int level, uint64_t n, struct cached **out, struct klp_err *err)
{
	struct cached *c = &t->cached[level + 1], fresh = { .n = n, .width = width_of(t, level, n) };
	char path[TLOG_TILE_PATH_ROOM];
	bool whole = false;
	int ret;

	*out = c;
	if (c->width && c->n == n)
		return 0;
	tlog_tile_path(level, n, fresh.width, path);
	ret = read_path(t, path, &fresh, err);
	if (ret == -ENOENT && fresh.width < TLOG_TILE_WIDTH) {
		tlog_tile_path(level, n, TLOG_TILE_WIDTH, path);
		whole = !read_path(t, path, &fresh, NULL);
		ret = whole ? 0 : ret;
	}
	if (ret)
		return ret;
	if (level == ENTRIES)
		ret = tlog_entries_parse(fresh.data, fresh.len, whole ? TLOG_TILE_WIDTH : fresh.width, t->entries);
	else if (fresh.len != (whole ? TLOG_TILE_WIDTH : fresh.width) * sizeof(struct tlog_hash))
		ret = -EBADMSG;
	free(c->data);
	if (ret) {
		free(fresh.data);
		memset(c, 0, sizeof(*c));
		return klp_err_set(err, ret, "%s/%s doesn't hold what a file of %u %s does", t->dir, path, fresh.width,
				   level == ENTRIES ? "entries" : "hashes");
	}
	*c = fresh;
	return 0;
}

int tlog_tiles_node(void *tiles, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *err)
{
	struct tlog_hash hashes[TLOG_TILE_WIDTH];
	struct tlog_tiles *t = tiles;
	unsigned int up = level % TLOG_TILE_HEIGHT;
	uint64_t first = index << up;
	struct cached *c;
	int ret;

	ret = load(t, (int)(level / TLOG_TILE_HEIGHT), first / TLOG_TILE_WIDTH, &c, err);
	if (ret)
		return ret;
	first %= TLOG_TILE_WIDTH;
	if (first + (1u << up) > c->width)
		return klp_err_set(err, -EINVAL, "the log %s has no such node", t->dir);
	memcpy(hashes, c->data + first * sizeof(hashes[0]), sizeof(hashes[0]) << up);
	return merkle_fold(hashes, (size_t)1 << up, out) ? klp_err_set(err, -EIO, "cannot hash a node of the log") : 0;
}

int tlog_entries_parse(const char *data, size_t len, size_t nr, struct tlog_slice *out)
{
	size_t at = 0, n;

	for (size_t i = 0; i < nr; i++) {
		if (len - at < 2)
			return -EBADMSG;
		n = (size_t)(uint8_t)data[at] << 8 | (uint8_t)data[at + 1];
		at += 2;
		if (len - at < n)
			return -EBADMSG;
		out[i] = (struct tlog_slice){ data + at, n };
		at += n;
	}
	return at == len ? 0 : -EBADMSG;
}

int tlog_tiles_entry(struct tlog_tiles *t, uint64_t index, struct tlog_slice *out, struct klp_err *err)
{
	struct cached *c;
	int ret = load(t, ENTRIES, index / TLOG_TILE_WIDTH, &c, err);

	if (!ret)
		*out = t->entries[index % TLOG_TILE_WIDTH];
	return ret;
}
