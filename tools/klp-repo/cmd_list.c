// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd_list.c - klp-repo list, and verify --repo: what a repository offers, read as a client would. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "io.h"
#include "jsonstr.h"
#include "log.h"
#include "reader.h"
#include "repo.h"
#include "repo_list.h"
#include "repo_tool.h"
#include "tell.h"
#include "../tuf/tuf_limits.h"

static void print_target(const struct repo_options *opt, const struct repo_index *index, const struct repo_target *t)
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

static void print_withdrawn(const struct repo_options *opt, const struct repo_index *index, const struct repo_withdrawn *w)
{
	if (!opt->json)
		printf("  %-32s release %llu  withdrawn: %s\n", w->name, (unsigned long long)w->release, w->reason);
	else
		repo_print_json(json_pack("{s:s, s:s, s:s, s:I, s:s, s:I, s:s, s:[], s:s, s:I}", "kernel", index->kernel_release,
					  "build_id", index->build_id, "name", w->name, "release", (json_int_t)w->release,
					  "digest", "", "length", (json_int_t)0, "summary", "", "cves", "withdrawn", w->reason,
					  "since", (json_int_t)w->since));
}

/* All that the index promises is there, and is what was signed for. */
static int check_files(struct reader *r, const struct repo_index *index, struct klp_err *err)
{
	char path[REPO_PATH_MAX];
	size_t len;
	void *data;
	int ret = 0;

	for (size_t i = 0; i <= index->nr_targets && !ret; i++) {
		if (i < index->nr_targets)
			repo_bundle_path(index->build_id, index->targets[i].name, index->targets[i].release, path);
		else if (*index->cves_digest)
			repo_cves_path(index->build_id, path);
		else
			break;
		ret = reader_get(r, path, &data, &len, err);
		if (!ret)
			free(data);
	}
	return ret;
}

int repo_read_kernel(const struct repo_options *opt, struct reader *r, const char *build_id, bool files, struct klp_err *err)
{
	char path[REPO_PATH_MAX];
	struct repo_index *index;
	size_t len;
	void *data;
	int ret;

	repo_index_path(build_id, path);
	ret = reader_get(r, path, &data, &len, err);
	if (ret == -ENOENT)
		return 1;
	if (ret)
		return ret;
	ret = repo_index_parse(data, len, &index, err);
	free(data);
	if (ret)
		return klp_err_wrap(err, "%s", path);
	if (files) {
		ret = check_files(r, index, err);
	} else {
		if (!opt->json)
			printf("%s (%.12s...)%s%.10s\n", index->kernel_release, index->build_id,
			       *index->maintained_until ? ": maintained until " : "", index->maintained_until);
		for (size_t i = 0; i < index->nr_targets; i++)
			print_target(opt, index, &index->targets[i]);
		for (size_t i = 0; i < index->nr_withdrawn; i++)
			print_withdrawn(opt, index, &index->withdrawn[i]);
	}
	repo_index_free(index);
	return ret;
}

/* Build-ids, as the metadata has them: a file that a copy lacks would else not be missed. */
struct kernels {
	char (*ids)[65];
	size_t nr;
};

static int add_kernel(void *arg, const char *path, struct klp_err *err)
{
	char id[65], index[REPO_PATH_MAX], (*ids)[65];
	struct kernels *k = arg;

	if (sscanf(path, "kernels/%64[0-9a-f].json", id) != 1)
		return 0;
	repo_index_path(id, index);
	if (strcmp(index, path))
		return 0;
	ids = reallocarray(k->ids, k->nr + 1, sizeof(*ids));
	if (!ids)
		return klp_err_sys(err, -ENOMEM, "cannot list kernels");
	k->ids = ids;
	memcpy(ids[k->nr++], id, sizeof(id));
	return 0;
}

static int by_build_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int all_kernels(const struct repo_options *opt, struct reader *r, bool files, struct klp_err *err)
{
	struct kernels k = { 0 };
	int ret = tuf_each_target(r->client, add_kernel, &k, err);

	if (k.nr)
		qsort(k.ids, k.nr, sizeof(*k.ids), by_build_id);
	for (size_t i = 0; i < k.nr && !ret; i++)
		ret = repo_read_kernel(opt, r, k.ids[i], files, err);
	free(k.ids);
	return ret;
}

/* Of --root, of the state folder beside the repository, or as this machine trusts it. */
static int load_root(const struct repo_options *opt, void **out, size_t *len, struct klp_err *err)
{
	char path[PATH_MAX];
	size_t n = strlen(opt->repo);

	if (access(opt->repo, F_OK))
		return klp_err_sys(err, -errno, "--repo %s", opt->repo);
	if (opt->root)
		return io_read_file(opt->root, TUF_ROOT_MAX, out, len, err);
	while (n > 1 && opt->repo[n - 1] == '/')
		n--;
	if (opt->state)
		snprintf(path, sizeof(path), "%s/metadata/1.root.json", opt->state);
	else
		snprintf(path, sizeof(path), "%.*s.state/metadata/1.root.json", (int)n, opt->repo);
	if (!io_read_file(path, TUF_ROOT_MAX, out, len, NULL))
		return 0;
	return io_read_file(REPO_ROOT_FILE, TUF_ROOT_MAX, out, len, err) ? klp_err_wrap(err, "no root to trust: name one with --root") : 0;
}

static void print_state(const struct repo_options *opt, const struct reader *r)
{
	const json_t *t = tuf_timestamp_body(r->client), *halt = json_object_get(json_object_get(t, "quietpatch"), "halt");

	if (opt->json)
		return;
	printf("%s: timestamp %lld, good until %s\n", opt->repo, (long long)json_integer_value(json_object_get(t, "version")),
	       str(t, "expires"));
	if (halt)
		printf("  halted: %s\n", str(halt, "reason"));
}

int repo_read(const struct repo_options *opt, bool files)
{
	struct reader r = { .files.folder = -1 };
	struct klp_err err = { 0 };
	size_t len;
	void *root;
	int ret = load_root(opt, &root, &len, &err);

	if (!ret) {
		ret = reader_open(&r, opt->repo, root, len, NULL, time(NULL), &err);
		free(root);
	}
	if (!ret && !files)
		print_state(opt, &r);
	if (!ret)
		ret = all_kernels(opt, &r, files, &err);
	reader_close(&r);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}

int cmd_list(const struct repo_options *opt, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return opt->repo ? repo_read(opt, false) : repo_usage(opt, "list needs --repo DIR");
}
