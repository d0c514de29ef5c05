/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.h - what came of units with the fix, for builds in a row that share b->objects: the many fixes of one
 * update bring the same headers along.
 *
 * A unit is known by those files of the fix that were read for it, with their contents; all else that it reads is the
 * pristine tree.  A file that is new counts always, since it may come before another of its name.
 * What can't be kept or read costs time, no more.
 */
#ifndef KLP_KNOWN_H
#define KLP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build;
struct known_file;

/* The files of the fix as they are now; empty where builds share nothing. */
struct known {
	const char *dir;
	struct known_file *files;
	size_t nr;
};

void known_open(const struct build *b, struct known *out);
void known_close(struct known *k);
/*
 * The digest of what came of unit @object ("net/core/sock_map.o") with these files.  @how: what was done with it, in one
 * line, with a digest of the command if that may differ.  false: not known.
 */
bool known_get(const struct known *k, const char *object, const char *how, uint64_t *digest);
/* @read: name_hash() of each file that was read, with the fix. */
void known_put(const struct known *k, const char *object, const char *how, const uint32_t *read, size_t nr_read,
	       uint64_t digest);
/* A file of b->objects that is called after the unit. */
char *known_path(const struct known *k, const char *object, const char *suffix);

#endif
