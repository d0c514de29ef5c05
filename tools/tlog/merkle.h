/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * merkle.h - the Merkle tree of RFC 6962, section 2.1 (SHA-256), and its two proofs.
 *
 * A proof's checker is the algorithm of RFC 9162 (2.1.3.2, 2.1.4.2): it takes nothing but numbers and hashes.  Its maker
 * reads the tree's nodes through a callback, and may be lied to: what it makes is checked like anybody else's.
 */
#ifndef TLOG_MERKLE_H
#define TLOG_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "hex.h"
#include "tlog_limits.h"

struct klp_err;

struct tlog_hash {
	uint8_t bytes[SHA256_LEN];
};

/* -EIO: the crypto library fails; -ENOMEM. */
int merkle_empty(struct tlog_hash *out);
int merkle_leaf(const void *data, size_t len, struct tlog_hash *out);
int merkle_node(const struct tlog_hash *left, const struct tlog_hash *right, struct tlog_hash *out);
/* Root of the @n hashes at @hashes as leaves; @n is 1 or more. */
int merkle_fold(const struct tlog_hash *hashes, size_t n, struct tlog_hash *out);

/* Is @leaf number @index (from 0) of the tree with @size leaves and @root?  -EBADMSG: not by this proof. */
int merkle_check_inclusion(uint64_t index, uint64_t size, const struct tlog_hash *leaf, const struct tlog_hash *path,
			   size_t nr, const struct tlog_hash *root);
/* Does the tree with @new_size leaves begin with all leaves of the old one?  -EBADMSG: not by this proof. */
int merkle_check_consistency(uint64_t old_size, const struct tlog_hash *old_root, uint64_t new_size,
			     const struct tlog_hash *new_root, const struct tlog_hash *path, size_t nr);

/* The node over the 2^@level leaves from @index * 2^@level on, which are all there. */
typedef int (*merkle_read)(void *ctx, unsigned int level, uint64_t index, struct tlog_hash *out, struct klp_err *err);

int merkle_root(uint64_t size, merkle_read read, void *ctx, struct tlog_hash *out, struct klp_err *err);
/* @index < @size. */
int merkle_inclusion(uint64_t index, uint64_t size, merkle_read read, void *ctx, struct tlog_hash path[TLOG_PATH_MAX],
		     size_t *nr, struct klp_err *err);
/* @old_size <= @new_size; no hashes where nothing has to be shown (0, or the same). */
int merkle_consistency(uint64_t old_size, uint64_t new_size, merkle_read read, void *ctx,
		       struct tlog_hash path[TLOG_CONSISTENCY_MAX], size_t *nr, struct klp_err *err);

#endif
