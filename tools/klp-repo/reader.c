// SPDX-License-Identifier: GPL-2.0-or-later
/* reader.c - see reader.h; and what a commit and a repository are held against. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "master.h"
#include "reader.h"
#include "repo_tool.h"
#include "../tuf/tuf_limits.h"


/* @r has transport and URLs. */
static int begin(struct reader *r, const char *what, const void *root, size_t len, int64_t now, struct klp_err *err)
{
	const struct tuf_config config = { .ram = &r->store, .metadata_url = r->metadata, .targets_url = r->targets,
					   .transport = &r->transport, .now = now };
	int ret;

	if (pack_put(&r->store, "root.json", 0, root, len))
		return klp_err_sys(err, -ENOMEM, "cannot read %s", what);
	ret = tuf_open(&config, &r->client, err);
	return ret ? ret : tuf_refresh(r->client, err);
}

int reader_open(struct reader *r, const char *folder, const void *root, size_t len, const struct pack *before, int64_t now,
		struct klp_err *err)
{
	*r = (struct reader){ .files = { .before = before }, .metadata = "metadata", .targets = "targets" };
	r->files.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->files.folder < 0)
		return klp_err_sys(err, -errno, "cannot open %s", folder);
	r->transport = (struct tuf_transport){ .get = tuf_files_get, .ctx = &r->files };
	return begin(r, folder, root, len, now, err);
}

int reader_open_url(struct reader *r, const char *url, const void *root, size_t len, int64_t now, long seconds, struct klp_err *err)
{
	const struct tuf_http_policy policy = { .all_s = seconds };
	size_t n = strlen(url);
	int ret;

	*r = (struct reader){ .files.folder = -1 };
	while (n && url[n - 1] == '/')
		n--;
	if (snprintf(r->metadata, READER_URL_MAX, "%.*s/metadata", (int)n, url) >= (int)READER_URL_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", url);
	snprintf(r->targets, READER_URL_MAX, "%.*s/targets", (int)n, url);
	ret = tuf_http_open(&policy, &r->transport, err);
	r->http = !ret;
	return ret ? ret : begin(r, url, root, len, now, err);
}

void reader_close(struct reader *r)
{
	tuf_close(r->client);
	pack_clear(&r->store);
	if (r->files.folder >= 0)
		close(r->files.folder);
	if (r->http)
		tuf_http_close(&r->transport);
}

int reader_get(struct reader *r, const char *path, void **out, size_t *len, struct klp_err *err)
{
	struct tuf_target t;
	int ret = tuf_find(r->client, path, &t, err);

	if (ret)
		return ret;
	ret = tuf_fetch(r->client, &t, out, len, err);
	tuf_target_free(&t);
	return ret;
}

/* The root that is published: what machines know. */
static int published_root(const struct master *m, void **out, size_t *len, struct klp_err *err)
{
	const json_t *root = m->old_root ? m->old_root : m->root;
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/metadata/%lld.root.json", m->dir,
		 (long long)json_integer_value(json_object_get(root, "version")));
	return io_read_file(path, TUF_ROOT_MAX, out, len, err);
}

/* One target of each bin that was changed: the bin is read for it. */
static int try_bins(struct master *m, struct reader *r, struct klp_err *err)
{
	struct tuf_target t;
	const char *name, *path;
	json_t *value;
	void *it;
	int ret = 0;

	json_object_foreach(m->changed_bins, name, value) {
		it = json_object_iter(json_object_get(json_object_get(m->bins, name), "targets"));
		if (!it || ret)
			continue;
		path = json_object_iter_key(it);
		ret = tuf_find(r->client, path, &t, err);
		if (!ret)
			tuf_target_free(&t);
	}
	return ret;
}

int master_try(struct master *m, struct klp_err *err)
{
	const struct pack_item *first = m->exists ? NULL : pack_find(&m->fresh, "metadata/1.root.json");
	struct reader r = { .files.folder = -1 };
	void *root = NULL;
	size_t len = 0;
	int ret;

	if (first) {
		ret = reader_open(&r, m->dir, first->data, first->len, &m->fresh, time(NULL), err);
	} else {
		ret = published_root(m, &root, &len, err);
		if (!ret)
			ret = reader_open(&r, m->dir, root, len, &m->fresh, time(NULL), err);
		free(root);
	}
	if (!ret)
		ret = try_bins(m, &r, err);
	reader_close(&r);
	return ret ? klp_err_wrap(err, "no machine would take what was to be published") : 0;
}

int master_check_repo(struct master *m, struct klp_err *err)
{
	int64_t known = json_integer_value(json_object_get(m->timestamp, "version")), there = 0;
	struct reader r = { .files.folder = -1 };
	struct klp_err ignored;
	void *root;
	size_t len;
	int ret = published_root(m, &root, &len, err);

	if (ret)
		return ret;
	/* A repository that is damaged, or not there, is written anew; what counts is one that is ahead. */
	if (!reader_open(&r, m->opt->repo, root, len, NULL, 0, &ignored))
		there = json_integer_value(json_object_get(tuf_timestamp_body(r.client), "version"));
	reader_close(&r);
	free(root);
	if (there <= known)
		return 0;
	return klp_err_set(err, -ESTALE, "%s has timestamp %lld, by the repository's own keys, and the state folder %s knows of none after %lld: it is an old copy, and what it signs would have versions that machines have seen; restore the newest one",
			   m->opt->repo, (long long)there, m->dir, (long long)known);
}
