// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * publish_cves.c - klp-repo publish --cves: what the machines need to know of CVEs, into the repository.
 *
 * One file for each kernel build: the records' pairs of versions, titles, ratings and files; where it is known, what each file
 * is in that build (`klp-build files`) and why no live patch is possible (`klp-build survey`).  The file is named by its
 * digest, and the signed index names it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "cve_records.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "manifest.h"
#include "publisher.h"
#include "repo.h"
#include "repo_tool.h"
#include "sign.h"

#define GIVEN_MAX	(64u << 20)
#define FORMAT		1

static int load_json(const char *path, json_t **out, struct klp_err *err)
{
	json_error_t je;
	void *data;
	size_t len;
	int ret;

	ret = io_read_file(path, GIVEN_MAX, &data, &len, err);
	if (ret)
		return ret;
	*out = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	free(data);
	return *out ? 0 : klp_err_set(err, -EBADMSG, "%s: %s", path, je.text);
}

/* The version of the kernel's package, as one of the index's bundles tells it. */
static int kernel_version(const struct publisher *p, const struct repo_index *index, char out[64], struct klp_err *err)
{
	char inside[REPO_PATH_MAX], path[PATH_MAX];
	struct verified_bundle *vb;
	size_t len;
	void *data;
	int fd, ret;

	if (!index->nr_targets)
		return klp_err_set(err, -ENOENT, "there is no bundle that tells the version of %s", index->kernel_release);
	repo_blob_path(index->targets[0].digest, inside);
	ret = publisher_join(p, inside, path, err);
	if (!ret)
		ret = io_read_file(path, BUNDLE_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = io_sealed_memfd("bundle", data, len, &fd, err);
	free(data);
	if (ret)
		return ret;
	ret = bundle_verify(fd, p->keyring, false, &vb, err);
	close(fd);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	snprintf(out, 64, "%s", verified_bundle_manifest(vb)->kernel_version);
	verified_bundle_free(vb);
	return 0;
}

/* {"path": ["vmlinux"] | ["kvm"] | []}, of those of @files that `klp-build files` knows; NULL: of none. */
static json_t *places(const json_t *files, const json_t *known)
{
	json_t *out = json_object(), *file, *where;
	size_t i;

	json_array_foreach(files, i, file) {
		where = json_object_get(known, json_string_value(file));
		json_object_set_new(out, json_string_value(file), where ? json_incref(where) : json_null());
	}
	return out;
}

/* "cve": "why", of those that the survey found no live patch possible for. */
static json_t *refusals(const json_t *survey)
{
	json_t *out = json_object(), *c;
	size_t i;

	json_array_foreach(json_object_get(survey, "cves"), i, c) {
		char why[300];

		if (strcmp(str(c, "outcome"), "refused") && strcmp(str(c, "outcome"), "partly"))
			continue;
		snprintf(why, sizeof(why), "%s%s%s", str(c, "reason"), *str(c, "why") ? ": " : "", str(c, "why"));
		json_object_set_new(out, str(c, "cve"), json_string(why));
	}
	return out;
}

static json_t *compose(const struct repo_index *index, const char *version, const json_t *records, const json_t *known,
		       const json_t *refused)
{
	json_t *list = json_object(), *r;
	char now[REPO_TIME_LEN];
	const char *cve;

	repo_time(0, now);
	json_object_foreach((json_t *)records, cve, r) {
		json_t *one = json_copy(r);

		if (json_object_get(r, "files"))
			json_object_set_new(one, "files", places(json_object_get(r, "files"), known));
		if (json_object_get(refused, cve))
			json_object_set(one, "refused", json_object_get(refused, cve));
		json_object_set_new(list, cve, one);
	}
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:o}", "format", FORMAT, "as_of", now, "build_id", index->build_id,
			 "kernel", index->kernel_release, "version", version, "cves", list);
}

static int write_file(const struct publisher *p, struct repo_index *index, json_t *data, struct klp_err *err)
{
	char inside[REPO_PATH_MAX], path[PATH_MAX], digest[SHA256_HEX_LEN + 1];
	char *text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS);
	int ret;

	if (!text || sha256_hex(text, strlen(text), digest)) {
		free(text);
		return klp_err_sys(err, -ENOMEM, "cannot write CVE records");
	}
	if (strlen(text) > REPO_CVES_MAX) {
		ret = klp_err_set(err, -EFBIG, "%zu bytes of CVE records are over the limit of %u", strlen(text), REPO_CVES_MAX);
		free(text);
		return ret;
	}
	ret = publisher_join(p, "cves", path, err);
	if (!ret)
		ret = io_mkdirs(path, 0755, err);
	repo_cves_path(digest, inside);
	if (!ret)
		ret = publisher_join(p, inside, path, err);
	if (!ret)
		ret = io_write_atomic(path, text, strlen(text), 0644, err);
	memcpy(index->cves_digest, digest, sizeof(digest));
	index->cves_length = strlen(text);
	free(text);
	return ret;
}

/* What is given of the files and of the survey is of one kernel build; others' records go without. */
struct given {
	json_t *records, *files, *survey;
};

static int publish_one(const struct publisher *p, const struct given *g, const char *path, struct klp_err *err)
{
	bool mine, surveyed;
	json_t *data, *refused;
	struct repo_index *index;
	char version[64];
	size_t len;
	void *bytes;
	int ret;

	ret = io_read_file(path, REPO_INDEX_MAX, &bytes, &len, err);
	if (ret)
		return ret;
	ret = repo_index_verify(bytes, len, p->keyring, &index, err);
	free(bytes);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	ret = kernel_version(p, index, version, err);
	if (!ret) {
		mine = !strcmp(str(g->files, "build_id"), index->build_id);
		surveyed = !strcmp(str(g->survey, "build_id"), index->build_id);
		refused = refusals(surveyed ? g->survey : NULL);
		data = compose(index, version, g->records, mine ? json_object_get(g->files, "files") : NULL, refused);
		json_decref(refused);
		ret = data ? write_file(p, index, data, err) : klp_err_sys(err, -ENOMEM, "cannot write CVE records");
		json_decref(data);
		if (!ret)
			ret = publisher_write_index(p, index, path, err);
		if (!ret && p->opt->json)
			repo_print_json(json_pack("{s:s, s:i, s:s, s:b, s:I}", "build_id", index->build_id, "cves",
						  (int)json_object_size(g->records), "digest", index->cves_digest, "files", mine,
						  "index_version", (json_int_t)index->version));
		else if (!ret)
			printf("published %zu CVE records for %s%s (index version %llu)\n", json_object_size(g->records),
			       index->kernel_release, mine ? ", with what their files are in it" : "",
			       (unsigned long long)index->version);
	}
	repo_index_free(index);
	return ret;
}

static int is_index(const struct dirent *de)
{
	size_t n = strlen(de->d_name);

	return n > 5 && de->d_name[0] != '.' && !strcmp(de->d_name + n - 5, ".json");
}

static int publish_all(const struct publisher *p, const struct given *g, struct klp_err *err)
{
	char path[PATH_MAX], folder[PATH_MAX];
	struct dirent **entries;
	int nr, ret;

	ret = publisher_join(p, "targets", folder, err);
	if (ret)
		return ret;
	nr = scandir(folder, &entries, is_index, alphasort);
	if (nr < 0)
		return klp_err_sys(err, -errno, "cannot read %s", folder);
	if (!nr)
		ret = klp_err_set(err, -ENOENT, "%s has no index yet: publish a bundle first", p->opt->repo);
	for (int i = 0; i < nr; i++) {
		if (!ret && snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name) < PATH_MAX)
			ret = publish_one(p, g, path, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int publish_cves(const struct publisher *p, struct klp_err *err)
{
	struct given g = { 0 };
	int ret;

	ret = cve_records_read(p->opt->cves, &g.records, err);
	if (!ret && p->opt->files)
		ret = load_json(p->opt->files, &g.files, err);
	if (!ret && p->opt->survey)
		ret = load_json(p->opt->survey, &g.survey, err);
	if (!ret)
		ret = publish_all(p, &g, err);
	json_decref(g.records);
	json_decref(g.files);
	json_decref(g.survey);
	return ret;
}
