// SPDX-License-Identifier: GPL-2.0-or-later
/* master_targets.c - see master.h: targets, each in the bin that its path's hash falls into. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "master.h"
#include "repo.h"

#define KERNELS	"kernels/"
#define METADATA_MAX	(4u << 20)

void master_bin_name(unsigned int nr, char out[16])
{
	snprintf(out, 16, "bins-%0*x", BIN_BITS / 4, nr & (NR_BINS - 1));
}

/* Of the version that is published, as it was signed. */
static int load_bin(struct master *m, const char *name, json_t **out, struct klp_err *err)
{
	char file[48], path[PATH_MAX];
	json_t *whole;
	void *data;
	size_t len;
	int ret;

	snprintf(file, sizeof(file), "%s.json", name);
	if (snprintf(path, sizeof(path), "%s/metadata/%lld.%s", m->dir,
		     (long long)json_integer_value(json_object_get(json_object_get(json_object_get(m->snapshot, "meta"), file), "version")),
		     file) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", m->dir);
	ret = io_read_file(path, METADATA_MAX, &data, &len, err);
	if (ret)
		return ret;
	whole = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	free(data);
	*out = json_incref(json_object_get(whole, "signed"));
	json_decref(whole);
	return *out ? 0 : klp_err_set(err, -EBADMSG, "%s is damaged; restore the state folder from a copy", path);
}

int master_bin_named(struct master *m, const char *name, json_t **out, struct klp_err *err)
{
	json_t *body = json_object_get(m->bins, name);
	int ret = 0;

	if (!body) {
		ret = load_bin(m, name, &body, err);
		if (!ret)
			json_object_set_new(m->bins, name, body);
	}
	if (!ret)
		*out = body;
	return ret;
}

int master_bin(struct master *m, const char *path, bool change, json_t **out, struct klp_err *err)
{
	uint8_t hash[SHA256_LEN];
	char name[16];
	int ret;

	if (sha256(path, strlen(path), hash))
		return klp_err_set(err, -EIO, "cannot hash a name");
	master_bin_name(hash[0], name);
	ret = master_bin_named(m, name, out, err);
	if (!ret && change)
		json_object_set_new(m->changed_bins, name, json_true());
	return ret;
}

int master_target_file(const char *path, const char *digest, char out[PATH_MAX], struct klp_err *err)
{
	const char *slash = strrchr(path, '/');

	if (!slash || snprintf(out, PATH_MAX, "targets/%.*s/%s.%s", (int)(slash - path), path, digest, slash + 1) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", path);
	return 0;
}

int master_put(struct master *m, const char *path, const void *data, size_t len, struct klp_err *err)
{
	char digest[SHA256_HEX_LEN + 1], file[PATH_MAX];
	json_t *bin;
	int ret = master_bin(m, path, true, &bin, err);

	if (!ret && sha256_hex(data, len, digest))
		ret = klp_err_set(err, -EIO, "cannot hash %s", path);
	if (!ret)
		ret = master_target_file(path, digest, file, err);
	if (!ret && pack_put(&m->fresh, file, 0, data, len))
		ret = klp_err_sys(err, -ENOMEM, "cannot keep %s", path);
	if (!ret)
		json_object_set_new(json_object_get(bin, "targets"), path,
				    json_pack("{s:I, s:{s:s}}", "length", (json_int_t)len, "hashes", "sha256", digest));
	return ret;
}

int master_get(struct master *m, const char *path, size_t limit, void **out, size_t *len, struct klp_err *err)
{
	const struct pack_item *item;
	char file[PATH_MAX], full[2 * PATH_MAX];
	json_t *bin, *entry;
	int ret = master_bin(m, path, false, &bin, err);

	if (ret)
		return ret;
	entry = json_object_get(json_object_get(bin, "targets"), path);
	if (!entry)
		return klp_err_set(err, -ENOENT, "the repository has no %s", path);
	ret = master_target_file(path, str(json_object_get(entry, "hashes"), "sha256"), file, err);
	if (ret)
		return ret;
	item = pack_find(&m->fresh, file);
	if (!item) {
		snprintf(full, sizeof(full), "%s/%s", m->dir, file);
		return io_read_file(full, limit, out, len, err);
	}
	*out = malloc(item->len + 1);
	if (!*out)
		return klp_err_sys(err, -ENOMEM, "cannot read %s", path);
	memcpy(*out, item->data, item->len + 1);
	*len = item->len;
	return 0;
}

int master_digest(struct master *m, const char *path, char out[SHA256_HEX_LEN + 1], struct klp_err *err)
{
	json_t *bin;
	int ret = master_bin(m, path, false, &bin, err);

	if (!ret)
		snprintf(out, SHA256_HEX_LEN + 1, "%s",
			 str(json_object_get(json_object_get(json_object_get(bin, "targets"), path), "hashes"), "sha256"));
	return ret;
}

int master_drop(struct master *m, const char *path, struct klp_err *err)
{
	json_t *bin;
	int ret = master_bin(m, path, true, &bin, err);

	if (!ret)
		json_object_del(json_object_get(bin, "targets"), path);
	return ret;
}

int master_kernels(struct master *m, json_t **out, struct klp_err *err)
{
	json_t *list = json_array(), *bin, *entry;
	char name[16], id[65];
	const char *path;
	int ret = 0;

	for (unsigned int i = 0; i < NR_BINS && !ret; i++) {
		master_bin_name(i, name);
		ret = master_bin_named(m, name, &bin, err);
		if (ret)
			break;
		json_object_foreach(json_object_get(bin, "targets"), path, entry) {
			if (strncmp(path, KERNELS, strlen(KERNELS)))
				continue;
			snprintf(id, sizeof(id), "%.*s", (int)strcspn(path + strlen(KERNELS), "."), path + strlen(KERNELS));
			json_array_append_new(list, json_string(id));
		}
	}
	if (ret)
		json_decref(list);
	else
		*out = list;
	return ret;
}

int master_index(struct master *m, const char *build_id, struct repo_index **out, struct klp_err *err)
{
	char path[REPO_PATH_MAX];
	size_t len;
	void *data;
	int ret;

	repo_index_path(build_id, path);
	ret = master_get(m, path, REPO_INDEX_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = repo_index_parse(data, len, out, err);
	free(data);
	return ret ? klp_err_wrap(err, "%s", path) : 0;
}

int master_put_index(struct master *m, const struct repo_index *index, struct klp_err *err)
{
	char path[REPO_PATH_MAX];
	size_t len;
	void *data;
	int ret = repo_index_format(index, &data, &len, err);

	if (ret)
		return ret;
	repo_index_path(index->build_id, path);
	ret = master_put(m, path, data, len, err);
	free(data);
	return ret;
}
