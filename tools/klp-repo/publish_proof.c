// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * publish_proof.c - see publisher.h: bundles that carry the proof that the public log has them.
 *
 * A proof is made from a checkpoint that witnesses have cosigned, so the log has to have the bundle before it is published:
 * it is appended, the witnesses are asked, the proof is attached, and only then is anything signed.  When that ends in between,
 * by a kill or for want of witnesses, nothing of the repository has changed, and the same command goes on: what is in the log isn't
 * appended again, and a checkpoint that has its cosignatures isn't cosigned again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../tlog/check.h"
#include "../tlog/policy.h"
#include "bundle.h"
#include "err.h"
#include "jsonstr.h"
#include "manifest.h"
#include "master.h"
#include "publisher.h"
#include "publog.h"
#include "repo.h"

/* A leaf stays for ever, so first see that what comes after it can be signed. */
static int check_keys(const struct master *m, struct klp_err *err)
{
	static const char *const roles[] = { "targets", "snapshot", "timestamp" };
	const json_t *all = json_object_get(m->root, "roles");
	json_t *nothing = json_object();
	int ret = 0;

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles) && !ret; i++) {
		void *signed_ = NULL;
		size_t len;

		ret = master_sign(m, roles[i], nothing, json_object_get(all, roles[i]), NULL, &signed_, &len, err);
		free(signed_);
	}
	json_decref(nothing);
	return ret;
}

static bool has_proof(const struct verified_bundle *vb, const struct tlog_policy *policy, const struct tlog_leaf *leaf)
{
	const void *proof;
	struct klp_err err;
	size_t len;

	return verified_bundle_attachment(vb, TLOG_ATTACHMENT, &proof, &len) && !tlog_check(policy, proof, len, leaf, &err);
}

/* The bundle that @leaf stands for, with its proof, in place of what is in memory. */
static int attach_proof(struct master *m, const struct keyring *ring, const struct tlog_policy *policy, struct tlog_leaf leaf,
			struct verified_bundle **vb, struct klp_err *err)
{
	char path[REPO_PATH_MAX], *proof = NULL;
	void *data = NULL, *out = NULL;
	size_t len, proof_len, more;
	int ret;

	repo_bundle_path(leaf.build_id, leaf.name, leaf.release, path);
	ret = master_get(m, path, BUNDLE_MAX, &data, &len, err);
	if (!ret)
		ret = log_make_proof(str(m->publog, "log"), policy, &leaf, &proof, &proof_len, NULL, err);
	if (!ret)
		ret = bundle_attach(data, len, TLOG_ATTACHMENT, proof, proof_len, &out, &more, err);
	if (!ret)
		ret = publish_bytes(m, ring, out, more, vb, err);
	free(out);
	free(proof);
	free(data);
	return ret ? klp_err_wrap(err, "no proof for %s release %llu", leaf.name, (unsigned long long)leaf.release) : 0;
}

static int attach_all(struct master *m, const struct keyring *ring, const struct tlog_policy *policy, struct verified_bundle **done,
		      size_t nr, struct klp_err *err)
{
	int ret = master_log_ahead(m, err);

	if (!ret)
		ret = log_ask_witnesses(str(m->publog, "log"), policy, json_object_get(m->publog, "witnesses"), err);
	if (ret == -EACCES) {
		err->code = -EBUSY;
		return klp_err_wrap(err, "the log has it, and nothing is published yet; have witnesses cosign %s/" TLOG_CHECKPOINT_FILE
				    ", take their signatures over (klp-repo log cosign), and publish again", str(m->publog, "log"));
	}
	for (size_t i = 0; i < nr && !ret; i++)
		ret = attach_proof(m, ring, policy, m->leaves[i], &done[i], err);
	return ret;
}

int publish_proofs(struct master *m, const struct keyring *ring, struct verified_bundle **done, size_t nr, struct klp_err *err)
{
	struct tlog_policy *policy = NULL;
	bool all = true;
	int ret = master_log_policy(m, &policy, err);

	if (ret || !policy)
		return ret;
	/* One leaf a bundle, in their order. */
	for (size_t i = 0; i < nr; i++)
		all = all && has_proof(done[i], policy, &m->leaves[i]);
	if (!all)
		ret = check_keys(m, err);
	if (!ret && !all)
		ret = attach_all(m, ring, policy, done, nr, err);
	tlog_policy_free(policy);
	return ret;
}
