/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tiles.h - a log's static files (C2SP tlog-tiles): its hashes, 256 in a tile, and its entries, 256 in a bundle.
 *
 *	checkpoint				the latest, a signed note: the only file that changes
 *	tile/<level>/<n>[.p/<width>]		hashes; n in groups of three digits, x001/x234/067
 *	tile/entries/<n>[.p/<width>]		entries, each with a 16-bit length before it
 *
 * Nothing that is read here is trusted: whoever reads compares with a checkpoint's root.
 */
#ifndef TLOG_TILES_H
#define TLOG_TILES_H

#include <stddef.h>
#include <stdint.h>

#include "merkle.h"
#include "text.h"
#include "tlog_limits.h"

#define TLOG_TILE_PATH_ROOM	64
#define TLOG_CHECKPOINT_FILE	"checkpoint"

/* Files below one folder, of a log with that many leaves. */
struct tlog_tiles;

/* -ENOENT: no such folder. */
int tlog_tiles_open(const char *dir, uint64_t size, struct tlog_tiles **out, struct klp_err *err);
void tlog_tiles_close(struct tlog_tiles *tiles);
/* Of a node that is in the log: a merkle_read, with a struct tlog_tiles as context. */
int tlog_tiles_node(void *tiles, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *err);
/*
 * Entry number @index, which is in the log; *out borrows from @tiles until the next call.  -EBADMSG: the file isn't one
 * of so many entries.
 */
int tlog_tiles_entry(struct tlog_tiles *tiles, uint64_t index, struct tlog_slice *out, struct klp_err *err);

/* The file of a tile; @level -1: of entries; @width TLOG_TILE_WIDTH: a full one. */
void tlog_tile_path(int level, uint64_t n, unsigned int width, char out[TLOG_TILE_PATH_ROOM]);
/* Exactly @nr entries with their lengths, into @out.  A pure function of (data, len).  -EBADMSG. */
int tlog_entries_parse(const char *data, size_t len, size_t nr, struct tlog_slice *out);

/*
 * Write the files that a log with @old_size leaves below @dir lacks to have @nr entries more.  The caller has verified
 * the root of what is there.  The same entries give the same files, so this can be done again after a crash.  -EBADMSG: an
 * entry in the last file isn't the one of its hash.
 */
int tlog_tiles_append(const char *dir, uint64_t old_size, const struct tlog_slice *entries, size_t nr, struct klp_err *err);

#endif
