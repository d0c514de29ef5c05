/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.h - what preprocessing units with the fix gave, for builds in a row that share b->objects: the many
 * fixes of one update bring the same headers along.
 *
 * A unit is known by those files of the fix that the preprocessor read for it, with their contents; all else that
 * it read is the pristine tree.  A file that is new counts always, since it may come before another of its name.
 * What can't be kept or read costs time, no more.
 */
#ifndef KLP_KNOWN_H
#define KLP_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reach.h"

struct build;
struct known_file;

/* The files of the fix as they are now; empty where builds share nothing. */
struct known {
	const char *dir;
	struct known_file *files;
	size_t nr;
};

/* -ENOMEM, -EIO. */
int known_open(const struct build *b, struct known *out);
void known_close(struct known *k);
/*
 * The digest of @object's declarations with these files.  @command: a digest of the command that preprocesses
 * it; @read: the files that it reads of the pristine tree.  false: not known.
 */
bool known_get(const struct known *k, const char *object, uint64_t command, const struct hashes *read,
	       uint64_t *digest);
/* @patched is what came of it. */
void known_put(const struct known *k, const char *object, uint64_t command, const struct hashes *read,
	       const struct summary *patched);

#endif
