// SPDX-License-Identifier: GPL-2.0-or-later
/* master_log.c - see master.h: what a command publishes is in the public log before anybody sees it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "master.h"
#include "publog.h"

#define PUBLOG_MAX	(64u << 10)	/* bytes */

static int publog_path(const struct master *m, char out[PATH_MAX], struct klp_err *err)
{
	return snprintf(out, PATH_MAX, "%s/publog.json", m->dir) < PATH_MAX ? 0 : klp_err_sys(err, -ENAMETOOLONG, "%s", m->dir);
}

/* -ENOENT: there is no log. */
static int load(struct master *m, struct klp_err *err)
{
	char path[PATH_MAX];
	void *data;
	size_t len;
	int ret;

	if (m->publog)
		return 0;
	ret = publog_path(m, path, err);
	if (!ret)
		ret = io_read_file(path, PUBLOG_MAX, &data, &len, err);
	if (ret)
		return ret;
	m->publog = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	free(data);
	if (!*str(m->publog, "log") || !*str(m->publog, "state") || !*str(m->publog, "key"))
		return klp_err_set(err, -EBADMSG, "%s doesn't say where the public log is; `klp-repo log attach` writes it", path);
	return 0;
}

int master_log_leaf(struct master *m, enum tlog_leaf_kind kind, const char *name, uint64_t release, const char *build_id,
		    const char *digest, struct klp_err *err)
{
	struct tlog_leaf *leaves = reallocarray(m->leaves, m->nr_leaves + 1, sizeof(*leaves)), *leaf;

	if (!leaves)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	m->leaves = leaves;
	leaf = &leaves[m->nr_leaves];
	*leaf = (struct tlog_leaf){ .kind = kind, .release = release };
	if (snprintf(leaf->name, sizeof(leaf->name), "%s", name) >= (int)sizeof(leaf->name) ||
	    snprintf(leaf->build_id, sizeof(leaf->build_id), "%s", build_id) >= (int)sizeof(leaf->build_id) ||
	    snprintf(leaf->digest, sizeof(leaf->digest), "%s", digest) >= (int)sizeof(leaf->digest))
		return klp_err_set(err, -EFBIG, "\"%s\" is too long for a log", name);
	log_leaf_date(leaf);
	m->nr_leaves++;
	return 0;
}

/* The root that is signed now. */
static int new_root(struct master *m, struct klp_err *err)
{
	long long version = (long long)json_integer_value(json_object_get(m->root, "version"));
	char path[96], digest[SHA256_HEX_LEN + 1];
	const struct pack_item *root;

	snprintf(path, sizeof(path), "metadata/%lld.root.json", version);
	root = m->root_changed ? pack_find(&m->fresh, path) : NULL;
	if (!root)
		return 0;
	if (sha256_hex(root->data, root->len, digest))
		return klp_err_set(err, -EIO, "cannot hash the root");
	return master_log_leaf(m, TLOG_ROOT, "root", (uint64_t)version, "", digest, err);
}

static int prepare(const struct master *m, const struct tlog_leaf *leaves, size_t nr, struct log_addition **out, struct klp_err *err)
{
	const struct log_options opt = { .log = str(m->publog, "log"), .state = str(m->publog, "state"), .key = str(m->publog, "key") };
	int ret = log_prepare(&opt, leaves, nr, out, err);

	/* A log that isn't there mustn't pass for a patch that isn't. */
	if (ret == -ENOENT)
		err->code = -EIO;
	return ret ? klp_err_wrap(err, "nothing is published, since the public log %s can't take it", opt.log) : 0;
}

int master_log_prepare(struct master *m, struct log_addition **out, struct klp_err *err)
{
	struct log_addition *add;
	int ret = new_root(m, err);

	if (ret || !m->nr_leaves)
		return ret;
	ret = load(m, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = prepare(m, m->leaves, m->nr_leaves, &add, err);
	if (ret)
		return ret;
	if (json_array_size(log_addition_entries(add)))
		*out = add;
	else
		log_addition_free(add);
	return 0;
}

int master_log_policy(struct master *m, struct tlog_policy **out, struct klp_err *err)
{
	const char *path;
	int ret = load(m, err);

	*out = NULL;
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	path = str(m->publog, "policy");
	if (!*path)
		return 0;
	ret = log_read_policy(path, out, err);
	if (ret == -ENOENT)
		err->code = -EIO;
	return ret ? klp_err_wrap(err, "nothing is published, since nobody can tell what a proof takes") : 0;
}

int master_log_ahead(struct master *m, struct klp_err *err)
{
	const struct tlog_checkpoint *cp;
	struct log_addition *add;
	size_t nr;
	int ret = prepare(m, m->leaves, m->nr_leaves, &add, err);

	if (ret)
		return ret;
	cp = log_addition_checkpoint(add);
	nr = json_array_size(log_addition_entries(add));
	ret = log_add(add, err);
	if (!ret && nr)
		log_info("%zu appended to the log %s, which has %llu", nr, cp->origin, (unsigned long long)cp->size);
	log_addition_free(add);
	return ret ? klp_err_wrap(err, "nothing is published, since the public log %s can't take it", str(m->publog, "log")) : 0;
}

int master_log_append(struct master *m, struct log_addition *add, struct klp_err *err)
{
	const struct tlog_checkpoint *cp = log_addition_checkpoint(add);
	int ret = log_add(add, err);

	if (ret)
		return klp_err_wrap(err, "signed, and kept in %s; nothing is published before the public log %s has it, which the next command sees to",
				    m->dir, str(m->publog, "log"));
	json_decref(m->tolog);
	m->tolog = NULL;
	ret = master_write_head(m, true, err);
	if (!ret)
		log_info("%zu appended to the log %s, which has %llu", json_array_size(log_addition_entries(add)), cp->origin,
			 (unsigned long long)cp->size);
	return ret;
}

static int parse_all(const json_t *list, struct tlog_leaf **out, struct klp_err *err)
{
	size_t nr = json_array_size(list);
	int ret = 0;

	*out = calloc(nr + 1, sizeof(**out));
	if (!*out)
		return klp_err_sys(err, -ENOMEM, "cannot append to the log");
	for (size_t i = 0; i < nr && !ret; i++) {
		const json_t *s = json_array_get(list, i);

		ret = tlog_leaf_parse(json_string_value(s), json_string_length(s), &(*out)[i], err);
	}
	return ret;
}

int master_log_resume(struct master *m, struct klp_err *err)
{
	struct log_addition *add = NULL;
	struct tlog_leaf *leaves = NULL;
	int ret;

	if (!m->tolog)
		return 0;
	ret = load(m, err);
	if (!ret)
		ret = parse_all(m->tolog, &leaves, err);
	if (!ret)
		ret = prepare(m, leaves, json_array_size(m->tolog), &add, err);
	if (!ret)
		ret = master_log_append(m, add, err);
	log_addition_free(add);
	free(leaves);
	if (ret == -ENOENT)
		err->code = -EIO;
	return ret ? klp_err_wrap(err, "an earlier command has signed what isn't in the public log yet") : 0;
}

int master_log_set(struct master *m, json_t *where, struct klp_err *err)
{
	char path[PATH_MAX], *text;
	int ret = publog_path(m, path, err);

	if (ret)
		return ret;
	text = json_dumps(where, JSON_SORT_KEYS | JSON_COMPACT);
	ret = text ? io_write_atomic(path, text, strlen(text), 0600, err) : klp_err_sys(err, -ENOMEM, "cannot write %s", path);
	free(text);
	if (ret || !m->tolog)
		return ret;
	json_decref(m->tolog);
	m->tolog = NULL;
	return master_write_head(m, true, err);
}
