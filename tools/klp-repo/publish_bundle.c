// SPDX-License-Identifier: GPL-2.0-or-later
/* publish_bundle.c - see publisher.h: one bundle, verified, into the index of its kernel. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "master.h"
#include "publisher.h"
#include "repo.h"
#include "repo_tool.h"

/* The index there is, or a new one. */
static int load_index(struct master *m, const struct manifest *mf, struct repo_index **out, struct klp_err *err)
{
	struct repo_index *index;
	int ret = master_index(m, mf->kernel_build_id, out, err);

	if (ret != -ENOENT)
		return ret;
	index = repo_index_new();
	if (!index)
		return klp_err_sys(err, -ENOMEM, "cannot make an index");
	snprintf(index->build_id, sizeof(index->build_id), "%s", mf->kernel_build_id);
	snprintf(index->kernel_release, sizeof(index->kernel_release), "%s", mf->kernel_release);
	snprintf(index->kernel_version, sizeof(index->kernel_version), "%s", mf->kernel_version);
	*out = index;
	return 0;
}

/* An earlier release isn't offered any more, so it is no target either. */
static int drop_earlier(struct master *m, const struct repo_index *index, const struct manifest *mf, struct klp_err *err)
{
	const struct repo_target *old = repo_index_find(index, mf->name);
	char path[REPO_PATH_MAX];

	if (!old || old->release >= mf->release)
		return 0;
	repo_bundle_path(index->build_id, old->name, old->release, path);
	return master_drop(m, path, err);
}

/* A release that is in the index already keeps rollout and mark, unless others are asked for; a new one gets a rollout. */
static int put(const struct master *m, struct repo_index *index, const struct verified_bundle *vb, size_t len,
	       struct klp_err *err)
{
	const struct manifest *mf = verified_bundle_manifest(vb);
	const struct repo_target *had = repo_index_find(index, mf->name);
	struct rollout rollout = { .start = time(NULL) };
	bool same = had && had->release == mf->release, exploited = same && had->exploited;
	struct repo_target *t;
	int ret = 0;

	if (m->opt->rollout.nr)
		rollout = m->opt->rollout;
	else if (same)
		rollout = had->rollout;
	else
		ret = rollout_parse(ROLLOUT_DEFAULT, &rollout, err);
	if (!ret)
		ret = repo_index_put(index, mf, verified_bundle_id(vb), verified_bundle_file_digest(vb), len, err);
	if (ret && ret != -EEXIST)
		return ret;
	t = (struct repo_target *)repo_index_find(index, mf->name);
	t->rollout = rollout;
	t->exploited = m->opt->exploited ? !strcmp(m->opt->exploited, "yes") : exploited;
	return 0;
}

/* @data are the bytes that were verified as @vb. */
static int put_verified(struct master *m, const struct verified_bundle *vb, const void *data, size_t len, struct klp_err *err)
{
	const struct manifest *mf = verified_bundle_manifest(vb);
	char path[REPO_PATH_MAX];
	struct repo_index *index;
	int ret;

	ret = load_index(m, mf, &index, err);
	if (ret)
		return ret;
	repo_bundle_path(mf->kernel_build_id, mf->name, mf->release, path);
	if (*m->opt->maintained_until)
		memcpy(index->maintained_until, m->opt->maintained_until, sizeof(index->maintained_until));
	ret = drop_earlier(m, index, mf, err);
	if (!ret)
		ret = put(m, index, vb, len, err);
	if (!ret)
		ret = master_put(m, path, data, len, err);
	if (!ret)
		ret = master_put_index(m, index, err);
	repo_index_free(index);
	return ret ? ret : master_log_leaf(m, TLOG_BUNDLE, mf->name, mf->release, mf->kernel_build_id, verified_bundle_id(vb), err);
}

int publish_bytes(struct master *m, const struct keyring *ring, const void *data, size_t len, struct verified_bundle **out,
		  struct klp_err *err)
{
	struct verified_bundle *vb;
	int fd, ret = io_sealed_memfd("bundle", data, len, &fd, err);

	if (ret)
		return ret;
	ret = bundle_verify(fd, ring, false, &vb, err);
	close(fd);
	if (ret)
		return ret;
	ret = put_verified(m, vb, data, len, err);
	if (ret) {
		verified_bundle_free(vb);
		return ret;
	}
	verified_bundle_free(*out);
	*out = vb;
	return 0;
}
