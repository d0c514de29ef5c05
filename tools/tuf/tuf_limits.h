/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuf_limits.h - how much of anything a repository may make us read, keep or compute.
 *
 * The specification leaves them to the application (its W, X, Y and Z of section 5).  They are far above
 * what a repository of live patches needs, and far below what would hurt the machine that asks.
 */
#ifndef TUF_LIMITS_H
#define TUF_LIMITS_H

/* Bytes of a file whose length no signed metadata tells; a length that is told may not be above it either. */
#define TUF_ROOT_MAX		(512 * 1024)
#define TUF_TIMESTAMP_MAX	(16 * 1024)
#define TUF_SNAPSHOT_MAX	(2 * 1024 * 1024)
#define TUF_TARGETS_MAX		(4 * 1024 * 1024)
#define TUF_TARGET_MAX		(64 * 1024 * 1024)

#define TUF_DEPTH_MAX		16	/* of nested JSON, custom data included */
#define TUF_ROOTS_MAX		256	/* root versions a refresh goes through */
#define TUF_SIGNATURES_MAX	128	/* on one file */
#define TUF_KEYS_MAX		1024	/* in a root, or in a role's delegations */
#define TUF_KEYIDS_MAX		64	/* of one role */
#define TUF_KEYID_LEN_MAX	128
#define TUF_KEY_LEN_MAX		8192	/* a public key in PEM */
#define TUF_RSA_BITS_MIN	2048
#define TUF_RSA_BITS_MAX	8192
#define TUF_SIG_LEN_MAX		(TUF_RSA_BITS_MAX / 8)
#define TUF_FILES_MAX		65536	/* listed by a snapshot */
#define TUF_DELEGATIONS_MAX	4096	/* of one role */
#define TUF_PATHS_MAX		4096	/* patterns or prefixes of one delegation */
#define TUF_VISITED_MAX		32	/* roles that the search for one target looks into */
#define TUF_EACH_MAX		4096	/* bins that a walk through all of them reads */
#define TUF_NAME_MAX		1024	/* bytes of a target's path or of a pattern */
/* A name with %XX, so that ".json" and a temporary file's ending still fit into NAME_MAX. */
#define TUF_FILE_NAME_MAX	240

#endif
