// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * export.c - see master.h: the repository's folder, brought up to date.
 *
 * Whoever serves it may have put anything there, links among it: nothing that is read from it counts, no link is followed, and what
 * isn't as it was published is written anew.  Files that others name are written before those that name them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "master.h"
#include "repo_tool.h"
#include "tree.h"

#define FILE_MAX	(64u << 20)

/* @from in the master as @to in the repository, unless it is there.  @sync: written in any case, and on the disk afterwards. */
static int put(const struct master *m, int repo, const char *from, const char *to, bool sync, struct klp_err *err)
{
	char full[2 * PATH_MAX];
	size_t len;
	void *data;
	int ret;

	snprintf(full, sizeof(full), "%s/%s", m->dir, from);
	ret = io_read_file(full, FILE_MAX, &data, &len, err);
	if (ret)
		return ret == -ENOENT ? klp_err_sys(err, ret, "%s is missing; restore the state folder from a copy", full) : ret;
	if (sync || !tree_has(repo, to, data, len))
		ret = tree_write(repo, to, data, len, 0644, sync, err);
	free(data);
	return ret;
}

static int put_metadata(const struct master *m, int repo, int64_t version, const char *file, struct klp_err *err)
{
	char path[160];

	snprintf(path, sizeof(path), "metadata/%lld.%s", (long long)version, file);
	return put(m, repo, path, path, false, err);
}

static int put_targets(struct master *m, int repo, struct klp_err *err)
{
	char name[16], file[PATH_MAX];
	json_t *bin, *entry;
	const char *path;
	int ret = 0;

	for (unsigned int i = 0; i < NR_BINS && !ret; i++) {
		master_bin_name(i, name);
		ret = master_bin_named(m, name, &bin, err);
		if (ret)
			break;
		json_object_foreach(json_object_get(bin, "targets"), path, entry) {
			ret = master_target_file(path, str(json_object_get(entry, "hashes"), "sha256"), file, err);
			if (!ret)
				ret = put(m, repo, file, file, false, err);
			if (ret)
				break;
		}
	}
	return ret;
}

static int64_t version_of(const json_t *obj)
{
	return json_integer_value(json_object_get(obj, "version"));
}

static int put_all(struct master *m, int repo, struct klp_err *err)
{
	char timestamp[64];
	const char *file;
	json_t *meta;
	int ret = put_targets(m, repo, err);

	json_object_foreach(json_object_get(m->snapshot, "meta"), file, meta) {
		if (!ret)
			ret = put_metadata(m, repo, version_of(meta), file, err);
	}
	if (!ret)
		ret = put_metadata(m, repo, version_of(m->snapshot), "snapshot.json", err);
	for (int64_t v = 1; v <= version_of(m->root) && !ret; v++)
		ret = put_metadata(m, repo, v, "root.json", err);
	/* All of that is on the disk before the timestamp says so. */
	if (!ret && m->fresh.nr > 1 && syncfs(repo))
		ret = klp_err_sys(err, -errno, "cannot write the repository");
	snprintf(timestamp, sizeof(timestamp), "metadata/%lld.timestamp.json", (long long)version_of(m->timestamp));
	return ret ? ret : put(m, repo, timestamp, "metadata/timestamp.json", true, err);
}

int master_export(struct master *m, struct klp_err *err)
{
	int repo, ret;

	ret = io_mkdirs(m->opt->repo, 0755, err);
	if (ret)
		return ret;
	repo = open(m->opt->repo, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (repo < 0)
		return klp_err_sys(err, -errno, "cannot open the repository %s", m->opt->repo);
	ret = put_all(m, repo, err);
	close(repo);
	return ret ? klp_err_wrap(err, "signed, and kept in %s; the next command publishes it", m->dir) : 0;
}
