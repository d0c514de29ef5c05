// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * log_attach.c - klp-repo log attach: a repository's state folder learns where the public log is.
 *
 * The log first gets all that the repository publishes at this time; when that has failed nothing has changed.  From then on
 * each command appends what it publishes (master_log.c); with a policy, publish has witnesses cosign it, and attaches the proofs
 * (publish_proof.c).
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tlog/policy.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "master.h"
#include "publog.h"
#include "repo.h"
#include "repo_tool.h"
#include "tell.h"

#define ROOT_MAX	(4u << 20)	/* bytes */

/* All versions: a machine that was set up long ago asks for each. */
static int roots(struct master *m, struct klp_err *err)
{
	json_int_t last = json_integer_value(json_object_get(m->root, "version"));
	char path[PATH_MAX + 64], digest[SHA256_HEX_LEN + 1];
	size_t len;
	void *data;
	int ret = 0;

	for (json_int_t v = 1; v <= last && !ret; v++) {
		snprintf(path, sizeof(path), "%s/metadata/%lld.root.json", m->dir, (long long)v);
		ret = io_read_file(path, ROOT_MAX, &data, &len, err);
		if (ret)
			break;
		if (sha256_hex(data, len, digest))
			ret = klp_err_set(err, -EIO, "cannot hash %s", path);
		free(data);
		if (!ret)
			ret = master_log_leaf(m, TLOG_ROOT, "root", (uint64_t)v, "", digest, err);
	}
	return ret;
}

static int leaves_of_index(struct master *m, const struct repo_index *index, struct klp_err *err)
{
	char path[REPO_PATH_MAX], digest[SHA256_HEX_LEN + 1];
	int ret;

	repo_index_path(index->build_id, path);
	ret = master_digest(m, path, digest, err);
	for (size_t i = 0; i < index->nr_targets && !ret; i++)
		ret = master_log_leaf(m, TLOG_BUNDLE, index->targets[i].name, index->targets[i].release, index->build_id,
				      index->targets[i].id, err);
	for (size_t i = 0; i < index->nr_withdrawn && !ret; i++)
		ret = master_log_leaf(m, TLOG_WITHDRAWAL, index->withdrawn[i].name, index->withdrawn[i].release, "", digest, err);
	return ret;
}

static int all_leaves(struct master *m, struct klp_err *err)
{
	struct repo_index *index;
	json_t *kernels, *one;
	size_t i;
	int ret;

	if (!m->exists)
		return 0;
	ret = roots(m, err);
	if (!ret)
		ret = master_kernels(m, &kernels, err);
	if (ret)
		return ret;
	json_array_foreach(kernels, i, one) {
		ret = master_index(m, json_string_value(one), &index, err);
		if (ret)
			break;
		ret = leaves_of_index(m, index, err);
		repo_index_free(index);
		if (ret)
			break;
	}
	json_decref(kernels);
	return ret;
}

/* As other commands will find it, wherever they are run. */
static char *absolute(const char *path)
{
	return strncmp(path, "pkcs11:", 7) ? realpath(path, NULL) : strdup(path);
}

/* A policy that doesn't know this log would be found out when there is a fix to publish. */
static int add_policy(json_t *where, const struct log_options *opt, struct klp_err *err)
{
	struct tlog_policy *policy = NULL;
	struct tlog_checkpoint cp;
	struct log_text shown;
	json_t *witnesses = json_array();
	char *path = absolute(opt->policy);
	int ret = log_read_policy(opt->policy, &policy, err);

	for (int i = 0; i < opt->nr_witnesses; i++)
		json_array_append_new(witnesses, json_string(opt->witness[i]));
	if (json_object_set_new(where, "witnesses", witnesses) || json_array_size(witnesses) != (size_t)opt->nr_witnesses ||
	    json_object_set_new(where, "policy", json_string(path)))
		ret = ret ? ret : klp_err_set(err, -EINVAL, "cannot write down where %s is, and how witnesses are asked", opt->policy);
	free(path);
	if (!ret)
		ret = log_read_note(opt->log, NULL, &shown, err);
	if (!ret) {
		ret = tlog_policy_open_log(policy, &shown.note, &cp, err);
		log_text_free(&shown);
	}
	tlog_policy_free(policy);
	return ret ? klp_err_wrap(err, "by %s", opt->policy) : 0;
}

static int remember(struct master *m, const struct log_options *opt, struct klp_err *err)
{
	char *log = absolute(opt->log), *state = absolute(opt->state), *key = absolute(opt->key);
	json_t *where = log && state && key ? json_pack("{s:s, s:s, s:s}", "log", log, "state", state, "key", key) : NULL;
	int ret = where ? 0 : klp_err_set(err, -EINVAL, "cannot tell where %s, %s and %s are", opt->log, opt->state, opt->key);

	if (!ret && opt->policy)
		ret = add_policy(where, opt, err);
	if (!ret)
		ret = master_log_set(m, where, err);
	json_decref(where);
	free(log);
	free(state);
	free(key);
	return ret;
}

static int attach(struct master *m, const struct log_options *opt, struct log_addition **add, struct klp_err *err)
{
	int ret = all_leaves(m, err);

	if (!ret)
		ret = log_prepare(opt, m->leaves, m->nr_leaves, add, err);
	if (!ret)
		ret = log_add(*add, err);
	return ret ? ret : remember(m, opt, err);
}

static void report(const struct log_options *opt, const struct master *m, const struct log_addition *add)
{
	const struct tlog_checkpoint *cp = log_addition_checkpoint(add);
	size_t nr = json_array_size(log_addition_entries(add));

	if (opt->json)
		repo_print_json(json_pack("{s:s, s:s, s:I, s:I}", "log", cp->origin, "state", m->dir, "appended", (json_int_t)nr, "size",
					  (json_int_t)cp->size));
	else
		printf("%s: what is published from now on is appended to %s first; %zu appended now, it has %llu\n", m->dir, cp->origin, nr,
		       (unsigned long long)cp->size);
	if (!opt->json && opt->policy)
		printf("  bundles are published with their proofs, by %s\n", opt->policy);
	if (!opt->json && !m->exists)
		printf("  no repository has that state folder yet; `klp-repo init` makes one\n");
}

int log_attach(const struct log_options *opt, int argc, char **argv)
{
	/* Nothing gets into the repository's own folder here. */
	const struct repo_options repo = { .json = opt->json, .repo = argv[0], .state = argv[0] };
	struct log_addition *add = NULL;
	struct klp_err err = { 0 };
	struct master m;
	int ret;

	if (argc > 1) {
		klp_err_set(&err, -EINVAL, "one state folder at a time, not %s as well", argv[1]);
		return repo_tell(opt->json, err.text, EXIT_USAGE);
	}
	ret = master_open(&m, &repo, true, &err);
	if (!ret)
		ret = attach(&m, opt, &add, &err);
	if (!ret)
		report(opt, &m, add);
	log_addition_free(add);
	master_close(&m);
	return ret ? log_fail(opt, &err) : EXIT_DONE;
}
