// SPDX-License-Identifier: GPL-2.0-or-later
/* master.c - see master.h: the state folder, opened, and changed as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "master.h"
#include "own_folder.h"
#include "passphrase.h"
#include "publog.h"
#include "repo_tool.h"
#include "sign.h"
#include "tree.h"

#define LOCK_WAIT_S	30
#define DAY_S		INT64_C(86400)

int64_t master_days(const struct master *m, int days)
{
	return m->opt->expires ? m->opt->expires : days;
}

/* ---- opening ---- */

static int state_folder(struct master *m, struct klp_err *err)
{
	size_t n = strlen(m->opt->repo);
	int len;

	while (n > 1 && m->opt->repo[n - 1] == '/')
		n--;
	len = m->opt->state ? snprintf(m->dir, PATH_MAX, "%s", m->opt->state) :
			      snprintf(m->dir, PATH_MAX, "%.*s.state", (int)n, m->opt->repo);
	return len < PATH_MAX - 64 ? 0 : klp_err_sys(err, -ENAMETOOLONG, "%s", m->opt->repo);
}

static int take_lock(struct master *m, struct klp_err *err)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	char path[PATH_MAX + 16];
	int tries = 10 * LOCK_WAIT_S;

	snprintf(path, sizeof(path), "%s/lock", m->dir);
	m->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (m->lock < 0)
		return klp_err_sys(err, -errno, "cannot open %s", path);
	while (flock(m->lock, LOCK_EX | LOCK_NB)) {
		if (!tries--)
			return klp_err_set(err, -EBUSY, "another klp-repo is at work in %s", m->dir);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int load_keys(struct master *m, struct klp_err *err)
{
	int ret = 0;

	for (int i = 0; i < m->opt->nr_keys && !ret; i++) {
		ret = signing_key_load_asking(m->opt->key[i], passphrase_ask, &m->keys[i], err);
		m->nr_keys += !ret;
	}
	return ret;
}

int master_open(struct master *m, const struct repo_options *opt, bool create, struct klp_err *err)
{
	int ret;

	*m = (struct master){ .opt = opt, .lock = -1, .bins = json_object(), .changed_bins = json_object() };
	ret = state_folder(m, err);
	if (!ret && create)
		ret = io_mkdirs(m->dir, 0700, err);
	if (!ret)
		ret = own_folder_check(m->dir, err);
	if (ret == -ENOENT)
		return klp_err_sys(err, ret, "no state folder %s; `klp-repo init` makes one, --state names another; never make a new one for a repository that machines know",
				   m->dir);
	if (!ret)
		ret = load_keys(m, err);
	if (!ret)
		ret = take_lock(m, err);
	if (ret)
		return ret;
	ret = master_load_head(m, err);
	if (create)
		return ret == -ENOENT ? 0 : ret;
	if (!ret && !m->exists)
		ret = klp_err_set(err, -ENOENT, "%s: `klp-repo init` was never completed", m->dir);
	if (!ret)
		ret = master_check_repo(m, err);
	return ret ? ret : master_log_resume(m, err);
}

void master_close(struct master *m)
{
	for (int i = 0; i < m->nr_keys; i++)
		signing_key_free(m->keys[i]);
	json_decref(m->root);
	json_decref(m->old_root);
	json_decref(m->timestamp);
	json_decref(m->snapshot);
	json_decref(m->targets);
	json_decref(m->bins);
	json_decref(m->changed_bins);
	json_decref(m->publog);
	json_decref(m->tolog);
	free(m->leaves);
	pack_clear(&m->fresh);
	if (m->lock >= 0)
		close(m->lock);
}

/* ---- signing what has changed ---- */

static int put_signed(struct master *m, const char *name, json_t *body, int64_t version, const json_t *role, const json_t *role2,
		      struct klp_err *err)
{
	char path[96];
	void *text;
	size_t len;
	int ret;

	json_object_set_new(body, "version", json_integer(version));
	ret = master_sign(m, name, body, role, role2, &text, &len, err);
	if (ret)
		return ret;
	if (strcmp(name, "timestamp"))
		snprintf(path, sizeof(path), "metadata/%lld.%s.json", (long long)version, name);
	else
		snprintf(path, sizeof(path), "metadata/timestamp.json");
	ret = pack_put(&m->fresh, path, 0, text, len);
	free(text);
	return ret ? klp_err_sys(err, ret, "cannot keep %s", name) : 0;
}

static const json_t *role_of(const json_t *root, const char *name)
{
	return json_object_get(json_object_get(root, "roles"), name);
}

static int sign_root(struct master *m, struct klp_err *err)
{
	if (!m->root_changed)
		return 0;
	master_set_expiry(m->root, master_days(m, ROOT_DAYS));
	roles_sweep(m->root);
	return put_signed(m, "root", m->root, num(m->root, "version") + 1, role_of(m->root, "root"),
			  m->old_root ? role_of(m->old_root, "root") : NULL, err);
}

static int list_in_snapshot(struct master *m, const char *name, int64_t version)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.json", name);
	return json_object_set_new(json_object_get(m->snapshot, "meta"), file, json_pack("{s:I}", "version", (json_int_t)version));
}

/* With more than half of its time over: signed anew, as the keys are here. */
static bool is_old(const struct master *m, const json_t *body)
{
	return master_parse_time(str(body, "expires")) - time(NULL) < master_days(m, TARGETS_DAYS) * DAY_S / 2;
}

static int sign_bins(struct master *m, struct klp_err *err)
{
	const json_t *role = json_object_get(json_object_get(m->targets, "delegations"), "succinct_roles");
	char name[16];
	json_t *body;
	int ret = 0;

	for (unsigned int i = 0; i < NR_BINS && !ret; i++) {
		master_bin_name(i, name);
		ret = master_bin_named(m, name, &body, err);
		if (ret || (!json_object_get(m->changed_bins, name) && !is_old(m, body)))
			continue;
		json_object_set_new(m->changed_bins, name, json_true());
		master_set_expiry(body, master_days(m, TARGETS_DAYS));
		ret = put_signed(m, name, body, m->signed_serial, role, NULL, err);
		if (!ret && list_in_snapshot(m, name, m->signed_serial))
			ret = klp_err_sys(err, -ENOMEM, "cannot list %s", name);
	}
	return ret;
}

static int sign_content(struct master *m, struct klp_err *err)
{
	int ret;

	m->snapshot_changed |= m->targets_changed || json_object_size(m->changed_bins);
	if (!m->snapshot_changed)
		return 0;
	m->signed_serial++;
	ret = sign_bins(m, err);
	if (!ret && (m->targets_changed || is_old(m, m->targets))) {
		master_set_expiry(m->targets, master_days(m, TARGETS_DAYS));
		ret = put_signed(m, "targets", m->targets, m->signed_serial, role_of(m->root, "targets"), NULL, err);
		if (!ret && list_in_snapshot(m, "targets", m->signed_serial))
			ret = klp_err_sys(err, -ENOMEM, "cannot list targets");
	}
	if (ret)
		return ret;
	master_set_expiry(m->snapshot, master_days(m, SNAPSHOT_DAYS));
	return put_signed(m, "snapshot", m->snapshot, m->signed_serial, role_of(m->root, "snapshot"), NULL, err);
}

static int sign_timestamp(struct master *m, struct klp_err *err)
{
	char path[96], digest[SHA256_HEX_LEN + 1];
	const struct pack_item *snapshot;

	snprintf(path, sizeof(path), "metadata/%lld.snapshot.json", (long long)m->signed_serial);
	snapshot = m->snapshot_changed ? pack_find(&m->fresh, path) : NULL;
	if (snapshot) {
		if (sha256_hex(snapshot->data, snapshot->len, digest))
			return klp_err_set(err, -EIO, "cannot hash the snapshot");
		json_object_set_new(m->timestamp, "meta", json_pack("{s:{s:I, s:I, s:{s:s}}}", "snapshot.json", "version",
				    (json_int_t)m->signed_serial, "length", (json_int_t)snapshot->len, "hashes", "sha256", digest));
	}
	/* --expires is about what the offline keys sign; with the timestamp alone it is about that. */
	master_set_expiry(m->timestamp, m->snapshot_changed || m->root_changed ? TIMESTAMP_DAYS : master_days(m, TIMESTAMP_DAYS));
	return put_signed(m, "timestamp", m->timestamp, ++m->signed_timestamp, role_of(m->root, "timestamp"), NULL, err);
}

/* ---- writing it down ---- */

/* Named by versions that nothing was signed with before, or by their digests. */
static int write_all(const struct master *m, struct klp_err *err)
{
	int dir = open(m->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), ret = 0;
	char timestamp[64];

	if (dir < 0)
		return klp_err_sys(err, -errno, "cannot open %s", m->dir);
	snprintf(timestamp, sizeof(timestamp), "metadata/%lld.timestamp.json", (long long)m->signed_timestamp);
	for (size_t i = 0; i < m->fresh.nr && !ret; i++) {
		const struct pack_item *item = &m->fresh.items[i];
		const char *to = strcmp(item->name, "metadata/timestamp.json") ? item->name : timestamp;

		ret = tree_write(dir, to, item->data, item->len, 0600, false, err);
	}
	if (!ret && syncfs(dir))
		ret = klp_err_sys(err, -errno, "cannot write %s", m->dir);
	close(dir);
	return ret;
}

/* Earlier timestamps are of no use to anybody. */
static void forget_timestamp(const struct master *m, int64_t version)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/metadata/%lld.timestamp.json", m->dir, (long long)version);
	unlink(path);
}

static int sign_all(struct master *m, struct klp_err *err)
{
	int ret = sign_root(m, err);

	if (!ret)
		ret = sign_content(m, err);
	if (!ret)
		ret = sign_timestamp(m, err);
	return ret ? ret : master_try(m, err);
}

/* In this folder and in the log; nobody else has seen it when that fails. */
static int write_down(struct master *m, struct klp_err *err)
{
	struct log_addition *add = NULL;
	int ret = master_log_prepare(m, &add, err);

	/* From here on these versions are taken, whatever comes. */
	if (!ret)
		ret = master_write_head(m, false, err);
	if (!ret)
		ret = write_all(m, err);
	if (!ret && add)
		m->tolog = json_incref(log_addition_entries(add));
	if (!ret)
		ret = master_write_head(m, true, err);
	if (!ret && add)
		ret = master_log_append(m, add, err);
	log_addition_free(add);
	return ret;
}

int master_commit(struct master *m, struct klp_err *err)
{
	int64_t before = m->timestamp ? num(m->timestamp, "version") : 0;
	int ret;

	ret = sign_all(m, err);
	if (!ret)
		ret = write_down(m, err);
	if (ret)
		return ret;
	if (before && before != num(m->timestamp, "version"))
		forget_timestamp(m, before);
	return master_export(m, err);
}

static void earlier(const json_t *body, const char *name, int64_t *when, char what[64])
{
	int64_t t = master_parse_time(str(body, "expires"));

	if (t < *when) {
		*when = t;
		snprintf(what, 64, "%s", name);
	}
}

int master_first_expiry(struct master *m, int64_t *when, char what[64], struct klp_err *err)
{
	json_t *body;
	char name[16];
	int ret = 0;

	*when = INT64_MAX;
	earlier(m->root, "root", when, what);
	earlier(m->snapshot, "snapshot", when, what);
	earlier(m->targets, "targets", when, what);
	for (unsigned int i = 0; i < NR_BINS && !ret; i++) {
		master_bin_name(i, name);
		ret = master_bin_named(m, name, &body, err);
		if (!ret)
			earlier(body, name, when, what);
	}
	return ret;
}
