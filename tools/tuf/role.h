/* SPDX-License-Identifier: GPL-2.0-or-later */
/* role.h - delegations: to which roles a targets file sends whoever looks for a target. */
#ifndef TUF_ROLE_H
#define TUF_ROLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tuf_limits.h"
#include "metadata.h"

#define TUF_BIN_BITS_MAX	32	/* of succinct roles (TAP 15) */

/* One delegation that is about the target that is looked for. */
struct tuf_hop {
	char name[TUF_FILE_NAME_MAX + 1];
	struct tuf_authority by;	/* who signs it; of the delegating file */
	bool terminating;		/* later ones don't count */
};

/*
 * The next delegation of @doc, from *@pos on (0 at first), that is about @target; false: no more.
 * Succinct roles are one delegation to the bin that the target's hash falls into.
 */
bool tuf_next_hop(const struct tuf_doc *doc, const char *target, size_t *pos, struct tuf_hop *out);

/*
 * Is @path one that @pattern means?  '*' is any text and '?' any one character, neither with a '/'; all else is itself.
 */
bool tuf_path_matches(const char *pattern, const char *path);

/* PREFIX-BIN: the first bits of @hash, in as many hex digits as the last bin's number has.  false: too long for a file. */
bool tuf_bin_name(const json_t *succinct, uint32_t hash, char out[TUF_FILE_NAME_MAX + 1]);
/* Not empty, not a top-level role's, and short enough for a file. */
bool tuf_role_name_valid(const char *name);
/*
 * @name as one file's name or one segment of a URL, with %XX for all but letters, digits, '-', '_', '~' and '.'.
 * What is only dots stays that: a role's file ends in ".json", and tuf_target_path_valid() refuses them.  -ENAMETOOLONG: over TUF_FILE_NAME_MAX bytes.
 */
int tuf_encode(const char *name, char out[TUF_FILE_NAME_MAX + 1]);
/* A relative path that stays below where it starts: no empty, "." or ".." part. */
bool tuf_target_path_valid(const char *path);

#endif
