// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * publish_cves.c - klp-repo publish --cves: what the machines need to know of CVEs, into the repository.
 *
 * One file for each kernel build: the records' pairs of versions, titles, ratings and files; where it is known, what each file
 * is in that build (`klp-build files`) and why no live patch is possible (`klp-build survey`).  It is a target of the
 * repository, and the index tells its digest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cve_records.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "master.h"
#include "publisher.h"
#include "repo.h"
#include "repo_tool.h"
#include "tell.h"

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

static json_t *compose(const struct repo_index *index, const json_t *records, const json_t *known, const json_t *refused)
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
			 "kernel", index->kernel_release, "version", index->kernel_version, "cves", list);
}

static int put_file(struct master *m, struct repo_index *index, json_t *data, struct klp_err *err)
{
	char path[REPO_PATH_MAX], digest[SHA256_HEX_LEN + 1];
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
	repo_cves_path(index->build_id, path);
	ret = master_put(m, path, text, strlen(text), err);
	memcpy(index->cves_digest, digest, sizeof(digest));
	index->cves_length = strlen(text);
	free(text);
	return ret;
}

/* What is given of the files and of the survey is of one kernel build; others' records go without. */
struct given {
	json_t *records, *files, *survey;
};

static int put_one(struct master *m, const struct given *g, const char *build_id, json_t *told, struct klp_err *err)
{
	bool mine = !strcmp(str(g->files, "build_id"), build_id), surveyed = !strcmp(str(g->survey, "build_id"), build_id);
	json_t *data, *refused;
	struct repo_index *index;
	int ret = master_index(m, build_id, &index, err);

	if (ret)
		return ret;
	refused = refusals(surveyed ? g->survey : NULL);
	data = compose(index, g->records, mine ? json_object_get(g->files, "files") : NULL, refused);
	json_decref(refused);
	ret = data ? put_file(m, index, data, err) : klp_err_sys(err, -ENOMEM, "cannot write CVE records");
	json_decref(data);
	if (!ret)
		ret = master_put_index(m, index, err);
	if (!ret)
		json_array_append_new(told, json_pack("{s:s, s:i, s:s, s:b, s:s}", "build_id", index->build_id, "cves",
						      (int)json_object_size(g->records), "digest", index->cves_digest, "files", mine,
						      "kernel", index->kernel_release));
	repo_index_free(index);
	return ret;
}

static int put_all(struct master *m, const struct given *g, json_t *told, struct klp_err *err)
{
	json_t *kernels, *one;
	size_t i;
	int ret = master_kernels(m, &kernels, err);

	if (ret)
		return ret;
	if (!json_array_size(kernels))
		ret = klp_err_set(err, -ENOENT, "%s has no index yet: publish a bundle first", m->opt->repo);
	json_array_foreach(kernels, i, one) {
		if (!ret)
			ret = put_one(m, g, json_string_value(one), told, err);
	}
	json_decref(kernels);
	return ret;
}

int publish_cves(struct master *m, json_t *told, struct klp_err *err)
{
	struct given g = { 0 };
	int ret;

	ret = cve_records_read(m->opt->cves, &g.records, err);
	if (!ret && m->opt->files)
		ret = load_json(m->opt->files, &g.files, err);
	if (!ret && m->opt->survey)
		ret = load_json(m->opt->survey, &g.survey, err);
	if (!ret)
		ret = put_all(m, &g, told, err);
	json_decref(g.records);
	json_decref(g.files);
	json_decref(g.survey);
	return ret;
}

void publish_cves_tell(const struct master *m, const json_t *told)
{
	json_int_t version = json_integer_value(json_object_get(m->snapshot, "version"));
	json_t *one;
	size_t i;

	json_array_foreach(told, i, one) {
		if (m->opt->json) {
			json_object_set_new(one, "index_version", json_integer(version));
			json_object_del(one, "kernel");
			repo_print_json(json_incref(one));
		} else {
			printf("published %lld CVE records for %s%s (snapshot %lld)\n",
			       (long long)json_integer_value(json_object_get(one, "cves")), str(one, "kernel"),
			       json_is_true(json_object_get(one, "files")) ? ", with what their files are in it" : "", (long long)version);
		}
	}
}
