// SPDX-License-Identifier: GPL-2.0-or-later
/* master_head.c - see master.h: head.json, and what it says is published. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "master.h"

#define METADATA_MAX	(4u << 20)
#define CLOCK_SLACK_S	3600	/* of two machines that share a state folder */

static int load_json(const struct master *m, const char *name, json_t **out, struct klp_err *err)
{
	char path[PATH_MAX + 64];
	void *data;
	size_t len;
	int ret;

	snprintf(path, sizeof(path), "%s/%s", m->dir, name);
	ret = io_read_file(path, METADATA_MAX, &data, &len, err);
	if (ret)
		return ret;
	*out = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	free(data);
	return json_is_object(*out) ? 0 : klp_err_set(err, -EBADMSG, "%s is damaged; restore the state folder from a copy", path);
}

static int load_role(const struct master *m, const char *role, int64_t version, json_t **out, struct klp_err *err)
{
	json_t *file = NULL;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "metadata/%lld.%s.json", (long long)version, role);
	ret = load_json(m, name, &file, err);
	if (ret)
		return ret;
	*out = json_incref(json_object_get(file, "signed"));
	json_decref(file);
	return 0;
}

/*
 * Roots have to follow each other without a gap. One that a killed command signed has never left this folder: the next takes its
 * number, and nobody finds it here.
 */
static int forget_unpublished_root(const struct master *m, int64_t published, struct klp_err *err)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/metadata/%lld.root.json", m->dir, (long long)published + 1);
	return unlink(path) && errno != ENOENT ? klp_err_sys(err, -errno, "cannot remove %s", path) : 0;
}

int master_load_head(struct master *m, struct klp_err *err)
{
	json_t *head = NULL, *done;
	int ret = load_json(m, "head.json", &head, err);

	if (ret)
		return ret;
	done = json_object_get(head, "signed");
	ret = forget_unpublished_root(m, num(head, "root"), err);
	m->signed_timestamp = num(done, "timestamp");
	m->signed_serial = num(done, "serial");
	m->signed_at = num(done, "at");
	m->clock_back = m->signed_at > time(NULL) + CLOCK_SLACK_S;
	/* An init that was killed has signed, and published nothing. */
	m->exists = num(head, "root") > 0;
	m->tolog = json_incref(json_object_get(head, "tolog"));
	if (!ret && m->exists)
		ret = load_role(m, "root", num(head, "root"), &m->root, err);
	if (!ret && m->exists)
		ret = load_role(m, "timestamp", num(head, "timestamp"), &m->timestamp, err);
	if (!ret && m->exists)
		ret = load_role(m, "snapshot", num(head, "snapshot"), &m->snapshot, err);
	if (!ret && m->exists)
		ret = load_role(m, "targets", num(json_object_get(json_object_get(m->snapshot, "meta"), "targets.json"), "version"),
				&m->targets, err);
	json_decref(head);
	return ret;
}

int master_write_head(const struct master *m, bool published, struct klp_err *err)
{
	char path[PATH_MAX + 16], *text;
	json_t *old = NULL, *head;
	int ret;

	snprintf(path, sizeof(path), "%s/head.json", m->dir);
	if (m->exists && !published && load_json(m, "head.json", &old, err))
		return err->code;
	/* A clock that was ahead once is told of once: from here on it is today's that counts. */
	head = json_pack("{s:I, s:I, s:I, s:{s:I, s:I, s:I}}",
			 "root", published ? num(m->root, "version") : num(old, "root"),
			 "snapshot", published ? num(m->snapshot, "version") : num(old, "snapshot"),
			 "timestamp", published ? num(m->timestamp, "version") : num(old, "timestamp"),
			 "signed", "timestamp", (json_int_t)m->signed_timestamp,
			 "serial", (json_int_t)m->signed_serial, "at", (json_int_t)time(NULL));
	if (head && published && m->tolog)
		json_object_set(head, "tolog", m->tolog);
	text = head ? json_dumps(head, JSON_SORT_KEYS) : NULL;
	ret = text ? io_write_atomic(path, text, strlen(text), 0600, err) : klp_err_sys(err, -ENOMEM, "cannot write %s", path);
	free(text);
	json_decref(head);
	json_decref(old);
	return ret;
}
