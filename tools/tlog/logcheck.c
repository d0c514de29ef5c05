// SPDX-License-Identifier: GPL-2.0-or-later
/* logcheck.c - see logcheck.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "check.h"
#include "err.h"
#include "io.h"
#include "logcheck.h"
#include "manifest.h"
#include "owned.h"
#include "policy.h"

/* Who may write it decides what counts as a log. */
static int read_policy(const char *path, struct tlog_policy **out, struct klp_err *err)
{
	size_t len;
	void *data;
	int ret;

	ret = owned_check(path, err);
	if (!ret)
		ret = io_read_file(path, TLOG_POLICY_MAX, &data, &len, err);
	if (ret)
		return klp_err_wrap(err, "cannot take the log policy %s", path);
	ret = tlog_policy_parse(data, len, out, err);
	free(data);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

int logcheck_policy(const char *path, struct tlog_policy **out, struct klp_err *err)
{
	struct tlog_policy *policy = NULL;
	int ret = 0;

	if (!access(path, F_OK) || errno != ENOENT)
		ret = read_policy(path, &policy, err);
	if (ret)
		return ret;
	if (policy && tlog_policy_demand(policy) == TLOG_OFF) {
		tlog_policy_free(policy);
		policy = NULL;
	}
	*out = policy;
	return 0;
}

int logcheck_bundle(const struct tlog_policy *policy, const struct verified_bundle *vb, bool *logged, struct klp_err *err)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	struct tlog_leaf want = { .kind = TLOG_BUNDLE, .release = m->release };
	const void *proof;
	size_t len;
	int ret;

	*logged = false;
	if (!policy)
		return 0;
	if (!verified_bundle_attachment(vb, TLOG_ATTACHMENT, &proof, &len)) {
		if (tlog_policy_demand(policy) != TLOG_REQUIRE)
			return 0;
		return klp_err_set(err, -ENOKEY, "the bundle has no proof that it is in a public log, and this machine's log policy requires one; "
				   "whoever publishes it puts it in with `klp-repo log proof`");
	}
	/* A name that doesn't fit is no leaf's. */
	if (snprintf(want.name, sizeof(want.name), "%s", m->name) >= (int)sizeof(want.name) ||
	    snprintf(want.build_id, sizeof(want.build_id), "%s", m->kernel_build_id) >= (int)sizeof(want.build_id))
		return klp_err_set(err, -EBADMSG, "no log has a name as long as \"%s\"", m->name);
	strcpy(want.digest, verified_bundle_id(vb));
	ret = tlog_check(policy, proof, len, &want, err);
	if (ret) {
		/* As of a bundle's own signatures: by too few who are trusted. */
		err->code = ret == -EACCES ? -ENOKEY : ret;
		return klp_err_wrap(err, "not shown to be in a public log");
	}
	*logged = true;
	return 0;
}

int logcheck_once(const char *path, const struct verified_bundle *vb, struct klp_err *err)
{
	struct tlog_policy *policy;
	bool logged;
	int ret;

	ret = logcheck_policy(path, &policy, err);
	if (ret)
		return ret;
	ret = logcheck_bundle(policy, vb, &logged, err);
	tlog_policy_free(policy);
	return ret;
}
