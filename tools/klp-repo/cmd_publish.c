// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_publish.c - klp-repo publish: bundles, and what is known of CVEs, into a repository.
 *
 * All that is named is verified and put into the indexes in memory; then it is signed and published as one (master.h). If one
 * file is refused nothing is published.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bundle.h"
#include "err.h"
#include "io.h"
#include "keyring.h"
#include "manifest.h"
#include "master.h"
#include "publisher.h"
#include "repo.h"
#include "repo_tool.h"
#include "tell.h"
#include "../tuf/roots.h"

/* Whose bundles are published: what machines take by the root; or, when --keys was given, those of that folder and of the keys at hand. */
static int load_keyring(const struct master *m, struct keyring **out, struct klp_err *err)
{
	int ret;

	if (!strcmp(m->opt->keys, KEYRING_DIR))
		return tuf_body_keyring(m->root, out, err);
	ret = keyring_load(m->opt->keys, out, err);

	for (int i = 0; i < m->nr_keys && !ret; i++)
		ret = keyring_add_own(*out, m->keys[i], err);
	return ret;
}

static int put_file(struct master *m, const struct keyring *ring, const char *path, struct verified_bundle **out, struct klp_err *err)
{
	size_t len;
	void *data;
	int ret = io_read_file(path, BUNDLE_MAX, &data, &len, err);

	if (!ret) {
		ret = publish_bytes(m, ring, data, len, out, err);
		free(data);
	}
	return ret ? klp_err_wrap(err, "cannot publish %s", path) : 0;
}

static void tell(const struct repo_options *opt, const struct master *m, const struct verified_bundle *vb)
{
	const struct manifest *mf = verified_bundle_manifest(vb);
	json_int_t version = json_integer_value(json_object_get(m->snapshot, "version"));

	if (opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:s, s:s, s:I}", "name", mf->name, "release", (json_int_t)mf->release,
					  "build_id", mf->kernel_build_id, "digest", verified_bundle_file_digest(vb), "index_version", version));
	else
		printf("published %s release %llu for %s (snapshot %lld)\n", mf->name, (unsigned long long)mf->release,
		       mf->kernel_release, (long long)version);
}

static int publish(struct master *m, int argc, char **argv, struct verified_bundle **done, struct klp_err *err)
{
	struct keyring *ring = NULL;
	json_t *told = json_array();
	int ret = load_keyring(m, &ring, err);

	for (int i = 0; i < argc && !ret; i++)
		ret = put_file(m, ring, argv[i], &done[i], err);
	if (!ret && m->opt->cves)
		ret = publish_cves(m, told, err);
	if (!ret)
		ret = publish_proofs(m, ring, done, (size_t)argc, err);
	keyring_free(ring);
	/* With nothing new it renews what gets old. */
	m->snapshot_changed = true;
	if (!ret)
		ret = master_commit(m, err);
	if (!ret)
		publish_cves_tell(m, told);
	json_decref(told);
	return ret;
}

int cmd_publish(const struct repo_options *opt, int argc, char **argv)
{
	struct verified_bundle **done;
	struct klp_err err = { 0 };
	struct master m;
	int ret;

	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "publish needs --repo DIR, and --key KEY.pem for each key that signs");
	if (!opt->cves && (opt->files || opt->survey))
		return repo_usage(opt, "--files and --survey go with --cves");
	done = calloc((size_t)argc + 1, sizeof(*done));
	if (!done)
		return EXIT_FAILED;
	ret = master_open(&m, opt, false, &err);
	if (!ret)
		ret = publish(&m, argc, argv, done, &err);
	for (int i = 0; i < argc; i++) {
		if (!ret)
			tell(opt, &m, done[i]);
		verified_bundle_free(done[i]);
	}
	if (!ret && !argc && !opt->cves && !opt->json)
		printf("%s: signed anew\n", opt->repo);
	master_close(&m);
	free(done);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}
