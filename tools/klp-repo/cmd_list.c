// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_list.c - klp-repo list: what a repository offers, by its verified indexes. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "io.h"
#include "log.h"
#include "repo.h"
#include "repo_tool.h"
#include "sign.h"

static void print_target(const struct repo_options *opt, const struct repo_index *index,
			 const struct repo_target *t)
{
	json_t *cves;

	if (!opt->json) {
		printf("  %-32s release %llu  %llu bytes  %s%s\n", t->name, (unsigned long long)t->release,
		       (unsigned long long)t->length, t->exploited ? "EXPLOITED NOW  " : "", t->summary);
		return;
	}
	cves = json_array();
	for (size_t i = 0; i < t->nr_cves; i++)
		json_array_append_new(cves, json_string(t->cves[i]));
	repo_print_json(json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:o, s:b, s:s}",
				  "kernel", index->kernel_release, "build_id", index->build_id,
				  "name", t->name, "release", (json_int_t)t->release,
				  "digest", t->digest, "length", (json_int_t)t->length,
				  "summary", t->summary, "cves", cves, "exploited", t->exploited, "maintained_until", index->maintained_until));
}

static int list_index(const struct repo_options *opt, const char *path,
		      const struct keyring *keyring, struct klp_err *err)
{
	struct repo_index *index;
	size_t len;
	void *data;
	int ret;

	ret = io_read_file(path, REPO_INDEX_MAX, &data, &len, err);
	if (ret)
		return ret;
	ret = repo_index_verify(data, len, keyring, &index, err);
	free(data);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	if (!opt->json)
		printf("%s (%.12s...): version %llu, good until %s%s%.10s\n", index->kernel_release, index->build_id,
		       (unsigned long long)index->version, index->expires,
		       *index->maintained_until ? ", maintained until " : "", index->maintained_until);
	for (size_t i = 0; i < index->nr_targets; i++)
		print_target(opt, index, &index->targets[i]);
	repo_index_free(index);
	return 0;
}

static int list_all(const struct repo_options *opt, const struct keyring *keyring,
		    struct klp_err *err)
{
	char path[PATH_MAX];
	struct dirent **entries;
	int nr, ret = 0;

	if (snprintf(path, sizeof(path), "%s/targets", opt->repo) >= PATH_MAX)
		return klp_err_sys(err, -ENAMETOOLONG, "%s", opt->repo);
	nr = scandir(path, &entries, NULL, alphasort);
	if (nr < 0)
		return klp_err_sys(err, -errno, "%s is not a repository: cannot read %s",
				   opt->repo, path);
	for (int i = 0; i < nr; i++) {
		const char *name = entries[i]->d_name, *dot = strrchr(name, '.');

		if (!ret && dot && !strcmp(dot, ".json") &&
		    snprintf(path, sizeof(path), "%s/targets/%s", opt->repo, name) < PATH_MAX)
			ret = list_index(opt, path, keyring, err);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int cmd_list(const struct repo_options *opt, int argc, char **argv)
{
	struct klp_err err = { 0 };
	struct keyring *keyring;
	int ret;

	(void)argc;
	(void)argv;
	if (!opt->repo)
		return repo_usage(opt, "list needs --repo DIR");
	if (keyring_load(opt->keys, &keyring, &err))
		return repo_fail(opt, &err);
	ret = list_all(opt, keyring, &err);
	keyring_free(keyring);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}
