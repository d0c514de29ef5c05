// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_publish.c - klp-repo publish: bundles into a folder of static files.
 *
 * The blob is written before the index that names it, so that a mirror or a
 * client caught half-way sees the old index, whose blobs are all there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "log.h"
#include "manifest.h"
#include "publisher.h"
#include "repo.h"
#include "repo_tool.h"
#include "passphrase.h"
#include "sign.h"

int publisher_join(const struct publisher *p, const char *path, char out[PATH_MAX], struct klp_err *err)
{
	if (snprintf(out, PATH_MAX, "%s/%s", p->opt->repo, path) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", p->opt->repo);
	return 0;
}

static int make_folders(const struct publisher *p, struct klp_err *err)
{
	char path[PATH_MAX];
	int ret;

	ret = publisher_join(p, "targets", path, err);
	if (!ret)
		ret = io_mkdirs(path, 0755, err);
	if (!ret)
		ret = publisher_join(p, "blobs", path, err);
	if (!ret)
		ret = io_mkdirs(path, 0755, err);
	return ret;
}

/* Two publishers at once would lose one's bundle from the index. */
static int take_lock(struct publisher *p, struct klp_err *err)
{
	int fd = open(p->opt->repo, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot open the repository %s", p->opt->repo);
	if (flock(fd, LOCK_EX)) {
		close(fd);
		return klp_err_sys(err, -errno, "cannot lock the repository %s", p->opt->repo);
	}
	p->lock = fd;
	return 0;
}

static int publisher_open(struct publisher *p, struct klp_err *err)
{
	int ret;

	ret = signing_key_load_asking(p->opt->key, passphrase_ask, &p->key, err);
	if (!ret)
		ret = keyring_load(p->opt->keys, &p->keyring, err);
	if (!ret)
		ret = keyring_add_own(p->keyring, p->key, err);
	if (!ret)
		ret = make_folders(p, err);
	if (!ret)
		ret = take_lock(p, err);
	return ret;
}

static void publisher_close(struct publisher *p)
{
	if (p->lock >= 0)
		close(p->lock);
	keyring_free(p->keyring);
	signing_key_free(p->key);
}

/* The index there is, verified, or a new one. */
static int load_index(const struct publisher *p, const struct manifest *m, const char *path,
		      struct repo_index **out, struct klp_err *err)
{
	struct repo_index *index;
	size_t len;
	void *data;
	int ret;

	ret = io_read_file(path, REPO_INDEX_MAX, &data, &len, err);
	if (!ret) {
		ret = repo_index_verify(data, len, p->keyring, out, err);
		free(data);
		return ret ? klp_err_wrap(err, "%s", path) : 0;
	}
	if (ret != -ENOENT)
		return ret;
	index = repo_index_new();
	if (!index)
		return klp_err_sys(err, -ENOMEM, "cannot make an index");
	snprintf(index->build_id, sizeof(index->build_id), "%s", m->kernel_build_id);
	snprintf(index->kernel_release, sizeof(index->kernel_release), "%s", m->kernel_release);
	*out = index;
	return 0;
}

int publisher_write_index(const struct publisher *p, struct repo_index *index, const char *path, struct klp_err *err)
{
	size_t len;
	void *text;
	int ret;

	index->version++;
	repo_time(p->opt->expires * 86400, index->expires);
	ret = repo_index_format(index, p->key, &text, &len, err);
	if (ret)
		return ret;
	ret = io_write_atomic(path, text, len, 0644, err);
	free(text);
	return ret;
}

static int write_blob(const struct publisher *p, const char *digest, const void *data, size_t len,
		      struct klp_err *err)
{
	char inside[REPO_PATH_MAX], path[PATH_MAX];
	int ret;

	repo_blob_path(digest, inside);
	ret = publisher_join(p, inside, path, err);
	if (!ret)
		ret = io_write_atomic(path, data, len, 0644, err);
	return ret;
}

/* A release that is in the index already keeps rollout and mark, unless others are asked for; a new one gets a rollout. */
static int put(const struct publisher *p, struct repo_index *index, const struct verified_bundle *vb, size_t len,
	       struct klp_err *err)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	const struct repo_target *had = repo_index_find(index, m->name);
	struct rollout rollout = { .start = time(NULL) };
	bool same = had && had->release == m->release, exploited = same && had->exploited;
	struct repo_target *t;
	int ret = 0;

	if (p->opt->rollout.nr)
		rollout = p->opt->rollout;
	else if (same)
		rollout = had->rollout;
	else
		ret = rollout_parse(ROLLOUT_DEFAULT, &rollout, err);
	if (!ret)
		ret = repo_index_put(index, m, verified_bundle_id(vb), verified_bundle_file_digest(vb), len, err);
	if (ret && ret != -EEXIST)
		return ret;
	t = (struct repo_target *)repo_index_find(index, m->name);
	t->rollout = rollout;
	t->exploited = p->opt->exploited ? !strcmp(p->opt->exploited, "yes") : exploited;
	return 0;	/* the index gets a new version and expiry in any case */
}

/* @data are the bytes that were verified as @vb. */
static int publish_verified(const struct publisher *p, const struct verified_bundle *vb,
			    const void *data, size_t len, uint64_t *version, struct klp_err *err)
{
	const struct manifest *m = verified_bundle_manifest(vb);
	const char *digest = verified_bundle_file_digest(vb);
	char inside[REPO_PATH_MAX], path[PATH_MAX];
	struct repo_index *index;
	int ret;

	repo_index_path(m->kernel_build_id, inside);
	ret = publisher_join(p, inside, path, err);
	if (!ret)
		ret = load_index(p, m, path, &index, err);
	if (ret)
		return ret;
	ret = put(p, index, vb, len, err);
	if (*p->opt->maintained_until)
		memcpy(index->maintained_until, p->opt->maintained_until, sizeof(index->maintained_until));
	if (!ret)
		ret = write_blob(p, digest, data, len, err);
	if (!ret)
		ret = publisher_write_index(p, index, path, err);
	*version = index->version;
	repo_index_free(index);
	return ret;
}

static int publish_bytes(const struct publisher *p, const void *data, size_t len,
			 struct klp_err *err)
{
	struct verified_bundle *vb;
	uint64_t version = 0;
	int fd, ret;

	ret = io_sealed_memfd("bundle", data, len, &fd, err);
	if (ret)
		return ret;
	ret = bundle_verify(fd, p->keyring, false, &vb, err);
	close(fd);
	if (ret)
		return ret;
	ret = publish_verified(p, vb, data, len, &version, err);
	if (!ret && p->opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:s, s:s, s:I}", "name",
					  verified_bundle_manifest(vb)->name, "release",
					  (json_int_t)verified_bundle_manifest(vb)->release,
					  "build_id", verified_bundle_manifest(vb)->kernel_build_id,
					  "digest", verified_bundle_file_digest(vb),
					  "index_version", (json_int_t)version));
	else if (!ret)
		printf("published %s release %llu for %s (index version %llu)\n",
		       verified_bundle_manifest(vb)->name,
		       (unsigned long long)verified_bundle_manifest(vb)->release,
		       verified_bundle_manifest(vb)->kernel_release, (unsigned long long)version);
	verified_bundle_free(vb);
	return ret;
}

static int publish_file(const struct publisher *p, const char *path, struct klp_err *err)
{
	size_t len;
	void *data;
	int ret;

	ret = io_read_file(path, BUNDLE_MAX, &data, &len, err);
	if (!ret) {
		ret = publish_bytes(p, data, len, err);
		free(data);
	}
	return ret ? klp_err_wrap(err, "cannot publish %s", path) : 0;
}

int cmd_publish(const struct repo_options *opt, int argc, char **argv)
{
	struct publisher p = { .opt = opt, .lock = -1 };
	struct klp_err err = { 0 };
	int ret;

	if (!opt->repo || !opt->key)
		return repo_usage(opt, "publish needs --repo DIR and --key KEY.pem, which signs the index");
	if (!argc && !opt->cves)
		return repo_usage(opt, "publish needs bundles, or --cves; usage: klp-repo publish --repo DIR --key KEY.pem FILE.klp...");
	if (!opt->cves && (opt->files || opt->survey))
		return repo_usage(opt, "--files and --survey go with --cves");
	ret = publisher_open(&p, &err);
	for (int i = 0; i < argc && !ret; i++)
		ret = publish_file(&p, argv[i], &err);
	if (!ret && opt->cves)
		ret = publish_cves(&p, &err);
	publisher_close(&p);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}
