// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * repo_json.c - see repo.h: the index as canonical JSON.
 *
 * Reading is strict: an unknown member, a wrong type, a repeated name, anything over a limit is an error.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bundle.h"
#include "err.h"
#include "hex.h"
#include "manifest.h"
#include "repo.h"

#define CANONICAL	(JSON_SORT_KEYS | JSON_COMPACT)
#define FORMAT		1
#define NR_INDEX	6	/* format, build_id, kernel_release, kernel_version, patches, withdrawn; without "cves" and "maintained_until" */
#define NR_TARGET	7	/* of one patch, without "rollout" and "exploited" */
#define NR_WITHDRAWN	4

static int malformed(struct klp_err *err, const char *what)
{
	return klp_err_set(err, -EBADMSG, "malformed index: %s", what);
}

/* String member @key into a buffer of @size bytes. */
static int get_text(const json_t *obj, const char *key, char *out, size_t size)
{
	const char *s = json_string_value(json_object_get(obj, key));

	if (!s || strlen(s) >= size)
		return -EBADMSG;
	strcpy(out, s);
	return 0;
}

static int get_number(const json_t *obj, const char *key, uint64_t *out)
{
	const json_t *value = json_object_get(obj, key);

	if (!json_is_integer(value) || json_integer_value(value) < 1)
		return -EBADMSG;
	*out = (uint64_t)json_integer_value(value);
	return 0;
}

/* A struct manifest carries the values to repo_index_put(). */
static int read_cves(const json_t *list, struct manifest *m)
{
	json_t *item;
	size_t i;

	if (!json_is_array(list))
		return -EBADMSG;
	json_array_foreach(list, i, item) {
		if (!json_is_string(item) || !manifest_is_cve(json_string_value(item)))
			return -EBADMSG;
		if (manifest_add_cve(m, json_string_value(item)))
			return -ENOMEM;
	}
	return 0;
}

/* {"start": seconds since the epoch, "steps": [[hours, percent], ...]}; an absent one is none. */
static int read_rollout(const json_t *obj, struct rollout *out)
{
	const json_t *start = json_object_get(obj, "start"), *steps = json_object_get(obj, "steps"), *step;
	struct rollout r = { 0 };
	size_t i;

	if (!obj)
		return 0;
	if (json_object_size(obj) != 2 || !json_is_integer(start) || json_array_size(steps) > ROLLOUT_STEPS_MAX)
		return -EBADMSG;
	r.start = json_integer_value(start);
	json_array_foreach(steps, i, step) {
		const json_t *hours = json_array_get(step, 0), *percent = json_array_get(step, 1);

		if (json_array_size(step) != 2 || !json_is_integer(hours) || !json_is_integer(percent) ||
		    json_integer_value(hours) > ROLLOUT_HOURS_MAX || json_integer_value(hours) < 0 ||
		    json_integer_value(percent) > 100 || json_integer_value(percent) < 0)
			return -EBADMSG;
		r.steps[i].hours = (int)json_integer_value(hours);
		r.steps[i].percent = (int)json_integer_value(percent);
		r.nr++;
	}
	if (rollout_check(&r))
		return -EBADMSG;
	*out = r;
	return 0;
}

static json_t *rollout_json(const struct rollout *r)
{
	json_t *steps;

	if (!r->nr)
		return NULL;
	steps = json_array();
	for (size_t i = 0; i < r->nr; i++)
		json_array_append_new(steps, json_pack("[i, i]", r->steps[i].hours, r->steps[i].percent));
	return json_pack("{s:I, s:o}", "start", (json_int_t)r->start, "steps", steps);
}

static int read_target(struct repo_index *index, const json_t *obj, struct klp_err *err)
{
	const char *name = json_string_value(json_object_get(obj, "name"));
	const char *summary = json_string_value(json_object_get(obj, "summary"));
	const json_t *rollout = json_object_get(obj, "rollout"), *exploited = json_object_get(obj, "exploited");
	struct rollout steps = { 0 };
	struct repo_target *t;
	char id[SHA256_HEX_LEN + 1], digest[SHA256_HEX_LEN + 1];
	struct manifest *m;
	uint64_t length;
	int ret = -EBADMSG;

	m = manifest_new();
	if (!m)
		return klp_err_sys(err, -ENOMEM, "cannot read an index");
	if (name && summary && manifest_is_name(name) && manifest_is_line(summary) &&
	    json_object_size(obj) == (size_t)NR_TARGET + !!rollout + !!exploited && !read_rollout(rollout, &steps) &&
	    (!exploited || json_is_true(exploited)) &&
	    !get_number(obj, "release", &m->release) && !get_number(obj, "length", &length) &&
	    !get_text(obj, "id", id, sizeof(id)) && hex_valid(id, SHA256_HEX_LEN) &&
	    !get_text(obj, "sha256", digest, sizeof(digest)) && hex_valid(digest, SHA256_HEX_LEN) && !repo_index_find(index, name) &&
	    length <= BUNDLE_MAX)
		ret = read_cves(json_object_get(obj, "cves"), m);
	if (!ret && (manifest_set(&m->name, name) || manifest_set(&m->summary, summary) ||
		     manifest_set(&m->kernel_build_id, index->build_id)))
		ret = -ENOMEM;
	if (!ret)
		ret = repo_index_put(index, m, id, digest, length, err);
	else
		malformed(err, "a target has a wrong, missing, unknown or repeated member");
	if (!ret) {
		t = (struct repo_target *)repo_index_find(index, name);
		t->rollout = steps;
		t->exploited = exploited;
	}
	manifest_free(m);
	return ret;
}

/* {"sha256", "length"}; an absent one is none. */
static int read_cves_file(const json_t *obj, struct repo_index *index)
{
	if (!obj)
		return 0;
	if (json_object_size(obj) != 2 || get_text(obj, "sha256", index->cves_digest, sizeof(index->cves_digest)) ||
	    !hex_valid(index->cves_digest, SHA256_HEX_LEN) || get_number(obj, "length", &index->cves_length) ||
	    index->cves_length > REPO_CVES_MAX)
		return -EBADMSG;
	return 0;
}

/* {"name", "release", "since", "reason"} */
static int read_withdrawn(struct repo_index *index, const json_t *obj, struct klp_err *err)
{
	const char *name = json_string_value(json_object_get(obj, "name"));
	const char *reason = json_string_value(json_object_get(obj, "reason"));
	uint64_t release, since;

	if (!name || !reason || !manifest_is_name(name) || !manifest_is_line(reason) || strlen(reason) > REPO_REASON_MAX ||
	    json_object_size(obj) != NR_WITHDRAWN || get_number(obj, "release", &release) || get_number(obj, "since", &since) ||
	    repo_index_withdrawn(index, name, release))
		return malformed(err, "of what was withdrawn, a member is wrong, missing, unknown or repeated");
	return repo_index_withdraw(index, name, release, (int64_t)since, reason, err);
}

static int read_lists(struct repo_index *index, const json_t *targets, const json_t *withdrawn, struct klp_err *err)
{
	json_t *item;
	size_t i;
	int ret = 0;

	/* What is withdrawn first: an index that offers it all the same is refused. */
	json_array_foreach(withdrawn, i, item) {
		ret = read_withdrawn(index, item, err);
		if (ret)
			return ret;
	}
	json_array_foreach(targets, i, item) {
		ret = read_target(index, item, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int read_index(const json_t *obj, struct repo_index *index, struct klp_err *err)
{
	const json_t *targets = json_object_get(obj, "patches"), *cves = json_object_get(obj, "cves");
	const json_t *withdrawn = json_object_get(obj, "withdrawn"), *until = json_object_get(obj, "maintained_until");

	if (json_integer_value(json_object_get(obj, "format")) != FORMAT)
		return klp_err_set(err, -EPROTONOSUPPORT, "the index is of another format than %d: update Quietpatch", FORMAT);
	if (json_object_size(obj) != (size_t)NR_INDEX + !!cves + !!until || read_cves_file(cves, index) || !json_is_array(targets) ||
	    !json_is_array(withdrawn) ||
	    get_text(obj, "build_id", index->build_id, sizeof(index->build_id)) ||
	    !hex_valid(index->build_id, strlen(index->build_id)) ||
	    get_text(obj, "kernel_release", index->kernel_release, sizeof(index->kernel_release)) ||
	    !manifest_is_line(index->kernel_release) ||
	    get_text(obj, "kernel_version", index->kernel_version, sizeof(index->kernel_version)) ||
	    !manifest_is_line(index->kernel_version) ||
	    (until && (get_text(obj, "maintained_until", index->maintained_until, sizeof(index->maintained_until)) ||
		       !repo_time_of(index->maintained_until))))
		return malformed(err, "a member is wrong, missing or unknown");
	return read_lists(index, targets, withdrawn, err);
}

int repo_index_parse(const void *data, size_t len, struct repo_index **out, struct klp_err *err)
{
	struct repo_index *index;
	json_error_t je;
	json_t *obj;
	int ret;

	if (len > REPO_INDEX_MAX)
		return klp_err_set(err, -EFBIG, "the index has %zu bytes, over the limit of %u", len, REPO_INDEX_MAX);
	index = repo_index_new();
	if (!index)
		return klp_err_sys(err, -ENOMEM, "cannot read an index");
	obj = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	ret = obj ? read_index(obj, index, err) : malformed(err, "it isn't JSON");
	json_decref(obj);
	if (ret) {
		repo_index_free(index);
		return ret;
	}
	*out = index;
	return 0;
}

/* ---- writing ---- */

static json_t *target_json(const struct repo_target *t)
{
	json_t *cves = json_array();

	for (size_t i = 0; i < t->nr_cves; i++)
		json_array_append_new(cves, json_string(t->cves[i]));
	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:s, s:o, s:o*, s:o*}", "name", t->name,
			 "release", (json_int_t)t->release, "id", t->id, "sha256", t->digest,
			 "length", (json_int_t)t->length, "summary", t->summary, "cves", cves,
			 "rollout", rollout_json(&t->rollout), "exploited", t->exploited ? json_true() : NULL);
}

static json_t *withdrawn_json(const struct repo_index *index)
{
	json_t *list = json_array();

	for (size_t i = 0; i < index->nr_withdrawn; i++) {
		const struct repo_withdrawn *w = &index->withdrawn[i];

		json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s}", "name", w->name, "release",
						      (json_int_t)w->release, "since", (json_int_t)w->since, "reason", w->reason));
	}
	return list;
}

static json_t *index_json(const struct repo_index *index)
{
	json_t *targets = json_array(), *cves = NULL;

	if (*index->cves_digest)
		cves = json_pack("{s:s, s:I}", "sha256", index->cves_digest, "length", (json_int_t)index->cves_length);
	for (size_t i = 0; i < index->nr_targets; i++)
		json_array_append_new(targets, target_json(&index->targets[i]));
	return json_pack("{s:i, s:s, s:s, s:s, s:o, s:o, s:o*, s:s*}", "format", FORMAT, "build_id", index->build_id,
			 "kernel_release", index->kernel_release, "kernel_version", index->kernel_version,
			 "patches", targets, "withdrawn", withdrawn_json(index), "cves", cves, "maintained_until",
			 *index->maintained_until ? index->maintained_until : NULL);
}

int repo_index_format(const struct repo_index *index, void **out, size_t *len, struct klp_err *err)
{
	json_t *obj = index_json(index);
	char *text;

	if (!obj)
		return klp_err_set(err, -EINVAL, "the index can't be written: a string isn't UTF-8");
	text = json_dumps(obj, CANONICAL);
	json_decref(obj);
	if (!text)
		return klp_err_sys(err, -ENOMEM, "cannot write the index");
	*out = text;
	*len = strlen(text);
	return 0;
}
