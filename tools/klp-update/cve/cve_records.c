// SPDX-License-Identifier: GPL-2.0-or-later
/* cve_records.c - see cve_records.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cve_records.h"
#include "err.h"
#include "hex.h"
#include "io.h"
#include "jsonstr.h"
#include "printable.h"
#include "repo.h"
#include "settings/policy.h"
#include "source/candidates.h"
#include "source/fetch.h"
#include "state/update.h"

#define FORMAT	1

static void kept_path(const struct update *u, char out[PATH_MAX])
{
	snprintf(out, PATH_MAX, "%s/cves.json", u->settings.state);
}

/* Every string and key in it: they get printed, and copied into VEX documents and metrics. */
static bool all_printable(const json_t *j)
{
	const char *key, *text = json_string_value(j);
	bool good = !text || text_is_printable(text, json_string_length(j));
	json_t *value;
	size_t i;

	json_object_foreach((json_t *)j, key, value)
		good = good && text_is_printable(key, strlen(key)) && all_printable(value);
	json_array_foreach(j, i, value)
		good = good && all_printable(value);
	return good;
}

/* For this build, and in a form that we know. */
static int parse(const struct update *u, const void *data, size_t len, json_t **out, struct klp_err *err)
{
	json_error_t je;
	json_t *j = json_loadb(data, len, JSON_REJECT_DUPLICATES, &je);
	int ret = 0;

	if (!j)
		return klp_err_set(err, -EBADMSG, "the source's CVE records: %s", je.text);
	if (json_integer_value(json_object_get(j, "format")) != FORMAT || !json_is_object(json_object_get(j, "cves")))
		ret = klp_err_set(err, -EPROTONOSUPPORT, "the source's CVE records are of another format than %d: update klp-update", FORMAT);
	else if (!all_printable(j))
		ret = klp_err_set(err, -EBADMSG, "the source's CVE records have text with control characters, or others that don't show");
	else if (strcmp(str(j, "build_id"), u->machine.build_id))
		ret = klp_err_set(err, -ESTALE, "the source's CVE records are for another kernel build");
	if (ret)
		json_decref(j);
	else
		*out = j;
	return ret;
}

static int fetch(struct update *u, struct source *src, const struct candidates *all, struct klp_err *err)
{
	char target[REPO_PATH_MAX], path[PATH_MAX], digest[SHA256_HEX_LEN + 1];
	json_t *j = NULL;
	void *data;
	size_t len;
	int ret;

	repo_cves_path(u->machine.build_id, target);
	ret = source_get(src, target, REPO_CVES_MAX, &data, &len, err);
	if (ret)
		return ret == -ENOENT ? klp_err_set(err, -ENETUNREACH, "the source names CVE records, and hasn't got them (%s)", target) : ret;
	if (len != all->cves_length || sha256_hex(data, len, digest) || strcmp(digest, all->cves_digest))
		ret = klp_err_set(err, -EKEYREJECTED, "the source's CVE records aren't those that were promised: length or digest differ");
	if (!ret)
		ret = parse(u, data, len, &j, err);
	kept_path(u, path);
	if (!ret)
		ret = io_write_atomic(path, data, len, 0600, err);
	json_decref(j);
	free(data);
	return ret;
}

/* By its bytes: whoever lost or damaged the file left no note of that. */
static bool is_kept(const struct update *u, const struct candidates *all)
{
	char path[PATH_MAX], digest[SHA256_HEX_LEN + 1];
	void *data;
	size_t len;
	bool is;

	kept_path(u, path);
	if (io_read_file(path, REPO_CVES_MAX, &data, &len, NULL))
		return false;
	is = len == all->cves_length && !sha256_hex(data, len, digest) && !strcmp(digest, all->cves_digest);
	free(data);
	return is;
}

int cve_records_sync(struct update *u, struct source *src, const struct candidates *all, struct klp_err *err)
{
	return !*all->cves_digest || is_kept(u, all) ? 0 : fetch(u, src, all, err);
}

int cve_records_load(const struct update *u, json_t **out, struct klp_err *err)
{
	char path[PATH_MAX];
	void *data;
	size_t len;
	int ret;

	*out = NULL;
	kept_path(u, path);
	ret = io_read_file(path, REPO_CVES_MAX, &data, &len, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = parse(u, data, len, out, err);
	free(data);
	/* After a reboot into another kernel: nothing is known of that one yet. */
	return ret == -ESTALE ? 0 : ret;
}

int cve_worst(const json_t *records, const char *cves)
{
	json_t *list = json_loads(cves, 0, NULL), *item;
	const json_t *all = json_object_get(records, "cves");
	int worst = 0, n;
	size_t i;

	json_array_foreach(list, i, item) {
		n = severity_rank(str(json_object_get(all, json_string_value(item)), "severity"));
		if (!n) {
			worst = 0;
			break;
		}
		worst = n > worst ? n : worst;
	}
	json_decref(list);
	return worst;
}
