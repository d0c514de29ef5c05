/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tlog_limits.h - how much of anything a log may have; what is longer is refused, not cut. */
#ifndef TLOG_LIMITS_H
#define TLOG_LIMITS_H

#define TLOG_NAME_MAX		200u		/* characters of a key's name, which is the log's origin as well */
#define TLOG_LINE_MAX		8192u		/* bytes of any line: a post-quantum signature has 5 kB */
#define TLOG_NOTE_MAX		(48u << 10)	/* bytes */
#define TLOG_SIGNATURES_MAX	64u		/* of a note */
#define TLOG_LEAF_MAX		4096u		/* bytes of one entry of our logs */
#define TLOG_ENTRY_MAX		65535u		/* bytes of any log's entry: the length has 16 bits */
#define TLOG_PATH_MAX		63u		/* hashes of an inclusion proof: one for each bit of the size */
#define TLOG_CONSISTENCY_MAX	(TLOG_PATH_MAX + 1)
#define TLOG_PROOF_MAX		(64u << 10)	/* bytes; as a bundle's attachment may have */
#define TLOG_POLICY_MAX		(64u << 10)	/* bytes */
#define TLOG_KEYS_MAX		32u		/* logs, witnesses and groups of a policy, each */
#define TLOG_TILE_WIDTH		256u		/* hashes, or entries */
#define TLOG_TILE_HEIGHT	8u		/* its logarithm */
#define TLOG_LEVELS		8u		/* of tiles: 2^63 leaves */

#endif
