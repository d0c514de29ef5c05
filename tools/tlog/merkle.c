// SPDX-License-Identifier: GPL-2.0-or-later
/* merkle.c - see merkle.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "merkle.h"

#define LEAF_PREFIX	0
#define NODE_PREFIX	1

int merkle_empty(struct tlog_hash *out)
{
	return sha256("", 0, out->bytes);
}

int merkle_leaf(const void *data, size_t len, struct tlog_hash *out)
{
	uint8_t *text = malloc(len + 1);
	int ret;

	if (!text)
		return -ENOMEM;
	text[0] = LEAF_PREFIX;
	memcpy(text + 1, data, len);
	ret = sha256(text, len + 1, out->bytes);
	free(text);
	return ret;
}

int merkle_node(const struct tlog_hash *left, const struct tlog_hash *right, struct tlog_hash *out)
{
	uint8_t text[1 + 2 * SHA256_LEN] = { NODE_PREFIX };

	memcpy(text + 1, left->bytes, SHA256_LEN);
	memcpy(text + 1 + SHA256_LEN, right->bytes, SHA256_LEN);
	return sha256(text, sizeof(text), out->bytes);
}

/* The largest power of two below @n, which is 2 or more. */
static uint64_t split_at(uint64_t n)
{
	return 1ull << (63 - __builtin_clzll(n - 1));
}

int merkle_fold(const struct tlog_hash *hashes, size_t n, struct tlog_hash *out)
{
	struct tlog_hash left, right;
	size_t k;
	int ret;

	if (n == 1) {
		*out = hashes[0];
		return 0;
	}
	k = split_at(n);
	ret = merkle_fold(hashes, k, &left);
	if (!ret)
		ret = merkle_fold(hashes + k, n - k, &right);
	return ret ? ret : merkle_node(&left, &right, out);
}

/* ---- checking ---- */

static bool same(const struct tlog_hash *a, const struct tlog_hash *b)
{
	return !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* RFC 9162, 2.1.3.2. */
int merkle_check_inclusion(uint64_t index, uint64_t size, const struct tlog_hash *leaf, const struct tlog_hash *path,
			   size_t nr, const struct tlog_hash *root)
{
	uint64_t fn = index, sn = size - 1;
	struct tlog_hash r = *leaf;
	int ret = 0;

	if (index >= size)
		return -EBADMSG;
	for (size_t i = 0; i < nr && !ret; i++) {
		if (!sn)
			return -EBADMSG;
		if ((fn & 1) || fn == sn) {
			ret = merkle_node(&path[i], &r, &r);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			ret = merkle_node(&r, &path[i], &r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (ret)
		return ret;
	return !sn && same(&r, root) ? 0 : -EBADMSG;
}

/* RFC 9162, 2.1.4.2, from step 3 on; @path begins with the node that both trees have. */
static int check_both(uint64_t fn, uint64_t sn, const struct tlog_hash *old_root, const struct tlog_hash *new_root,
		      const struct tlog_hash *path, size_t nr)
{
	struct tlog_hash fr = path[0], sr = path[0];
	int ret = 0;

	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (size_t i = 1; i < nr && !ret; i++) {
		if (!sn)
			return -EBADMSG;
		if ((fn & 1) || fn == sn) {
			ret = merkle_node(&path[i], &fr, &fr);
			if (!ret)
				ret = merkle_node(&path[i], &sr, &sr);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			ret = merkle_node(&sr, &path[i], &sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (ret)
		return ret;
	return !sn && same(&fr, old_root) && same(&sr, new_root) ? 0 : -EBADMSG;
}

int merkle_check_consistency(uint64_t old_size, const struct tlog_hash *old_root, uint64_t new_size,
			     const struct tlog_hash *new_root, const struct tlog_hash *path, size_t nr)
{
	struct tlog_hash whole[TLOG_CONSISTENCY_MAX + 1], empty;
	int ret;

	if (old_size > new_size || nr > TLOG_CONSISTENCY_MAX)
		return -EBADMSG;
	if (!old_size) {
		ret = merkle_empty(&empty);
		if (!ret && (nr || !same(&empty, old_root) || (!new_size && !same(&empty, new_root))))
			ret = -EBADMSG;
		return ret;
	}
	if (old_size == new_size)
		return !nr && same(old_root, new_root) ? 0 : -EBADMSG;
	if (!nr)
		return -EBADMSG;
	/* A full old tree is itself the first node, and isn't sent. */
	if (old_size & (old_size - 1))
		return check_both(old_size - 1, new_size - 1, old_root, new_root, path, nr);
	whole[0] = *old_root;
	memcpy(whole + 1, path, nr * sizeof(*path));
	return check_both(old_size - 1, new_size - 1, old_root, new_root, whole, nr + 1);
}

/* ---- making ---- */

struct maker {
	merkle_read read;
	void *ctx;
	struct klp_err *err;
	struct tlog_hash *path;
	size_t nr;
};

/* MTH(D[from:to]); @from is a multiple of every power of two that is asked for. */
static int subtree(const struct maker *m, uint64_t from, uint64_t to, struct tlog_hash *out)
{
	uint64_t n = to - from, k;
	struct tlog_hash left, right;
	int ret;

	if (!(n & (n - 1)))
		return m->read(m->ctx, (unsigned int)__builtin_ctzll(n), from / n, out, m->err);
	k = split_at(n);
	ret = subtree(m, from, from + k, &left);
	if (!ret)
		ret = subtree(m, from + k, to, &right);
	if (!ret && merkle_node(&left, &right, out))
		ret = klp_err_set(m->err, -EIO, "cannot hash a node of the log");
	return ret;
}

int merkle_root(uint64_t size, merkle_read read, void *ctx, struct tlog_hash *out, struct klp_err *err)
{
	const struct maker m = { .read = read, .ctx = ctx, .err = err };

	if (!size)
		return merkle_empty(out) ? klp_err_set(err, -EIO, "cannot hash an empty log") : 0;
	return subtree(&m, 0, size, out);
}

/* From the leaf's sibling to the root's child: PATH(m, D[n]) of RFC 6962. */
int merkle_inclusion(uint64_t index, uint64_t size, merkle_read read, void *ctx, struct tlog_hash path[TLOG_PATH_MAX],
		     size_t *nr, struct klp_err *err)
{
	struct maker m = { .read = read, .ctx = ctx, .err = err };
	struct tlog_hash down[TLOG_PATH_MAX];
	uint64_t from = 0, to = size, k;
	int ret = 0;

	while (to - from > 1 && !ret) {
		k = split_at(to - from);
		if (index - from < k) {
			ret = subtree(&m, from + k, to, &down[m.nr++]);
			to = from + k;
		} else {
			ret = subtree(&m, from, from + k, &down[m.nr++]);
			from += k;
		}
	}
	for (size_t i = 0; i < m.nr; i++)
		path[i] = down[m.nr - 1 - i];
	*nr = m.nr;
	return ret;
}

/* SUBPROOF(m, D[n], b) of RFC 6962, from the root down; the order is turned round at the end. */
int merkle_consistency(uint64_t old_size, uint64_t new_size, merkle_read read, void *ctx,
		       struct tlog_hash path[TLOG_CONSISTENCY_MAX], size_t *nr, struct klp_err *err)
{
	struct maker m = { .read = read, .ctx = ctx, .err = err };
	struct tlog_hash down[TLOG_CONSISTENCY_MAX];
	uint64_t from = 0, to = new_size, k;
	int ret = 0;

	*nr = 0;
	if (!old_size || old_size == new_size)
		return 0;
	while (old_size < to && !ret) {
		k = split_at(to - from);
		if (old_size - from <= k) {
			ret = subtree(&m, from + k, to, &down[m.nr++]);
			to = from + k;
		} else {
			ret = subtree(&m, from, from + k, &down[m.nr++]);
			from += k;
		}
	}
	/* What is left is the old tree's last full subtree; from 0 on it is the old tree, which the reader knows. */
	if (!ret && from)
		ret = subtree(&m, from, to, &down[m.nr++]);
	for (size_t i = 0; i < m.nr; i++)
		path[i] = down[m.nr - 1 - i];
	*nr = m.nr;
	return ret;
}
