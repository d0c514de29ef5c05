// SPDX-License-Identifier: GPL-2.0-or-later
/* check.c - see check.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "err.h"
#include "policy.h"
#include "proof.h"

/* The proof's leaf is what was asked for.  Its time is the log's word, and nobody else's. */
static int check_leaf(const struct tlog_proof *p, const struct tlog_leaf *want, struct klp_err *err)
{
	struct tlog_leaf leaf;
	int ret;

	if (!p->leaf_len)
		return klp_err_set(err, -EBADMSG, "malformed proof: it doesn't have the leaf in it");
	ret = tlog_leaf_parse(p->leaf, p->leaf_len, &leaf, err);
	if (ret)
		return ret;
	if (leaf.kind != want->kind || leaf.release != want->release || strcmp(leaf.name, want->name) ||
	    strcmp(leaf.build_id, want->build_id) || strcmp(leaf.digest, want->digest))
		return klp_err_set(err, -EKEYREJECTED, "the proof is of something else: %s %s, release %llu, digest %.16s...",
				   tlog_leaf_word(leaf.kind), leaf.name, (unsigned long long)leaf.release, leaf.digest);
	return 0;
}

static int check_place(const struct tlog_proof *p, const struct tlog_checkpoint *cp, struct klp_err *err)
{
	struct tlog_hash leaf;

	if (merkle_leaf(p->leaf, p->leaf_len, &leaf))
		return klp_err_set(err, -EIO, "cannot hash a leaf");
	if (merkle_check_inclusion(p->index, cp->size, &leaf, p->path, p->nr, &cp->root))
		return klp_err_set(err, -EBADMSG, "the proof doesn't lead from leaf %llu to the root of the log's %llu leaves",
				   (unsigned long long)p->index, (unsigned long long)cp->size);
	return 0;
}

int tlog_check(const struct tlog_policy *policy, const char *proof, size_t len, const struct tlog_leaf *want,
	       struct klp_err *err)
{
	struct tlog_proof *p = malloc(sizeof(*p));
	struct tlog_checkpoint cp;
	struct tlog_note note;
	int ret;

	if (!p)
		return klp_err_sys(err, -ENOMEM, "cannot check a proof");
	ret = tlog_proof_parse(proof, len, p, err);
	if (!ret)
		ret = tlog_note_parse(p->checkpoint.at, p->checkpoint.len, &note, err);
	if (!ret)
		ret = tlog_policy_open(policy, &note, &cp, err);
	if (!ret)
		ret = check_leaf(p, want, err);
	if (!ret)
		ret = check_place(p, &cp, err);
	free(p);
	return ret;
}
