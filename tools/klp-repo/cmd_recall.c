// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_recall.c - klp-repo withdraw, halt and resume.
 *
 * What is withdrawn is taken out of the machines that have it, so it takes the keys of targets.  A halt keeps
 * machines from taking anything new; it stands in the timestamp, and takes that key alone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "err.h"
#include "master.h"
#include "printable.h"
#include "repo.h"
#include "repo_tool.h"
#include "tell.h"

static bool reason_is_good(const char *reason)
{
	char shown[2 * REPO_REASON_MAX];

	text_printable(reason, strlen(reason), shown, sizeof(shown));
	return *reason && strlen(reason) <= REPO_REASON_MAX && !strcmp(shown, reason);
}

/* The index that says so is what the log tells of. */
static int log_withdrawal(struct master *m, const char *build_id, const char *name, struct klp_err *err)
{
	char path[REPO_PATH_MAX], digest[SHA256_HEX_LEN + 1];
	int ret;

	repo_index_path(build_id, path);
	ret = master_digest(m, path, digest, err);
	return ret ? ret : master_log_leaf(m, TLOG_WITHDRAWAL, name, m->opt->release, "", digest, err);
}

/* From one kernel's index; 1: it was there. */
static int withdraw_from(struct master *m, const char *build_id, const char *name, struct klp_err *err)
{
	const struct repo_options *opt = m->opt;
	const struct repo_target *t;
	char path[REPO_PATH_MAX];
	struct repo_index *index;
	int ret = master_index(m, build_id, &index, err);

	if (ret)
		return ret;
	/* An earlier release may run somewhere; a later one was never there. */
	t = repo_index_find(index, name);
	repo_bundle_path(build_id, name, opt->release, path);
	if (!t || t->release < opt->release) {
		repo_index_free(index);
		return 0;
	}
	ret = repo_index_withdraw(index, name, opt->release, time(NULL), opt->reason, err);
	if (!ret)
		ret = master_drop(m, path, err);
	if (!ret)
		ret = master_put_index(m, index, err);
	repo_index_free(index);
	if (!ret)
		ret = log_withdrawal(m, build_id, name, err);
	return ret ? ret : 1;
}

static int withdraw(struct master *m, const char *name, int *count, struct klp_err *err)
{
	json_t *kernels, *one;
	size_t i;
	int ret = master_kernels(m, &kernels, err);

	if (ret)
		return ret;
	*count = 0;
	json_array_foreach(kernels, i, one) {
		if (m->opt->kernel && strcmp(m->opt->kernel, json_string_value(one)))
			continue;
		ret = withdraw_from(m, json_string_value(one), name, err);
		if (ret < 0)
			break;
		*count += ret;
	}
	json_decref(kernels);
	if (ret < 0)
		return ret;
	if (!*count)
		return klp_err_set(err, -ENOENT, "the repository offers no %s release %llu; `klp-repo list` shows what it does", name,
				   (unsigned long long)m->opt->release);
	return master_commit(m, err);
}

int cmd_withdraw(const struct repo_options *opt, int argc, char **argv)
{
	struct klp_err err = { 0 };
	struct master m;
	int ret, count;

	(void)argc;
	if (!opt->repo || !opt->nr_keys || !opt->release || !opt->reason)
		return repo_usage(opt, "withdraw needs --repo DIR, --key for each key that signs, --release N and --reason TEXT");
	if (!reason_is_good(opt->reason))
		return repo_usage(opt, "--reason is one printable line of at most %d bytes", REPO_REASON_MAX);
	ret = master_open(&m, opt, false, &err);
	if (!ret)
		ret = withdraw(&m, argv[0], &count, &err);
	if (!ret && opt->json)
		repo_print_json(json_pack("{s:s, s:I, s:i, s:s}", "name", argv[0], "release", (json_int_t)opt->release, "kernels", count,
					  "reason", opt->reason));
	else if (!ret)
		printf("withdrawn %s release %llu, for %d kernel%s: machines take it out when they next look\n", argv[0],
		       (unsigned long long)opt->release, count, count == 1 ? "" : "s");
	master_close(&m);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}

static int set_halt(const struct repo_options *opt, bool on)
{
	struct klp_err err = { 0 };
	struct master m;
	int ret = master_open(&m, opt, false, &err);

	if (!ret && on)
		json_object_set_new(m.timestamp, "quietpatch", json_pack("{s:{s:I, s:s}}", "halt", "since", (json_int_t)time(NULL),
									 "reason", opt->reason));
	else if (!ret)
		json_object_del(m.timestamp, "quietpatch");
	if (!ret)
		ret = master_commit(&m, &err);
	if (!ret && opt->json)
		repo_print_json(json_pack("{s:s, s:b, s:s*}", "repo", opt->repo, "halted", on, "reason", on ? opt->reason : NULL));
	else if (!ret)
		printf("%s: %s\n", opt->repo, on ? "halted: machines take nothing new from their next look on" : "resumed");
	master_close(&m);
	return ret ? repo_fail(opt, &err) : EXIT_DONE;
}

int cmd_halt(const struct repo_options *opt, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!opt->repo || !opt->nr_keys || !opt->reason)
		return repo_usage(opt, "halt needs --repo DIR, --key KEY.pem, a key of the role timestamp, and --reason TEXT");
	if (!reason_is_good(opt->reason))
		return repo_usage(opt, "--reason is one printable line of at most %d bytes", REPO_REASON_MAX);
	return set_halt(opt, true);
}

int cmd_resume(const struct repo_options *opt, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (!opt->repo || !opt->nr_keys)
		return repo_usage(opt, "resume needs --repo DIR, and --key KEY.pem, a key of the role timestamp");
	return set_halt(opt, false);
}
