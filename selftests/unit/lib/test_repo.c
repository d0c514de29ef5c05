// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_repo.c - a repository's index: strict, and never going back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "manifest.h"
#include "repo.h"

#define DIGEST_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define DIGEST_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct repo_index *index_;
static char *text;
static size_t len;
static struct klp_err err;

/* The bundle @id in the file @digest. */
static int put_as(uint64_t release, const char *id, const char *digest)
{
	struct manifest *m = fixture_manifest(release);
	int ret = repo_index_put(index_, m, id, digest, 1000 + release, &err);

	manifest_free(m);
	return ret;
}

static int put(uint64_t release, const char *digest)
{
	return put_as(release, digest, digest);
}

static void setup(void)
{
	void *out;

	index_ = repo_index_new();
	strcpy(index_->build_id, FIXTURE_BUILD_ID);
	strcpy(index_->kernel_release, "6.1.0-50-cloud-amd64");
	strcpy(index_->kernel_version, "6.1.176-1");
	ck_assert_int_eq(put(3, DIGEST_A), 0);
	ck_assert_msg(!repo_index_format(index_, &out, &len, &err), "%s", err.text);
	text = out;
}

static void teardown(void)
{
	free(text);
	repo_index_free(index_);
}

static int verify(const char *data, size_t n)
{
	struct repo_index *out;
	int ret = repo_index_parse(data, n, &out, &err);

	if (!ret)
		repo_index_free(out);
	return ret;
}

START_TEST(round_trip)
{
	const struct repo_target *t;
	struct repo_index *out;

	ck_assert_msg(!repo_index_parse(text, len, &out, &err), "%s", err.text);
	ck_assert_str_eq(out->build_id, FIXTURE_BUILD_ID);
	ck_assert_str_eq(out->kernel_version, "6.1.176-1");
	t = repo_index_find(out, "sock-map-alloc");
	ck_assert_ptr_nonnull(t);
	ck_assert_uint_eq(t->release, 3);
	ck_assert_uint_eq(t->length, 1003);
	ck_assert_str_eq(t->digest, DIGEST_A);
	ck_assert_str_eq(t->cves[0], "CVE-2026-12345");
	ck_assert_ptr_null(repo_index_find(out, "other"));
	repo_index_free(out);
}
END_TEST

START_TEST(truncated_or_with_more_members)
{
	static const char *const bad[] = {
		"{}", "[]", "{\"format\":1}", "{\"format\":1,\"build_id\":\"XY\",\"kernel_release\":\"6\",\"kernel_version\":\"6\",\"patches\":[],\"withdrawn\":[]}",
		"{\"format\":1,\"build_id\":\"ab\",\"kernel_release\":\"6\",\"kernel_version\":\"6\",\"patches\":[],\"withdrawn\":[],\"x\":1}",
		"{\"format\":1,\"build_id\":\"ab\",\"kernel_release\":\"6\",\"kernel_version\":\"6\",\"patches\":[{}],\"withdrawn\":[]}",
		"{\"format\":1,\"build_id\":\"ab\",\"kernel_release\":\"6\",\"kernel_version\":\"6\",\"patches\":[],\"withdrawn\":[{}]}",
	};

	for (size_t i = 0; i < len; i++)
		ck_assert_int_lt(verify(text, i), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(verify(bad[i], strlen(bad[i])) < 0, "%s", bad[i]);
	ck_assert_int_eq(verify("{\"format\":2}", 12), -EPROTONOSUPPORT);
	ck_assert_int_eq(verify(text, len), 0);
}
END_TEST

/* What is withdrawn is no longer offered, and can't be put in again; an index that offers it all the same is refused. */
START_TEST(withdrawn)
{
	struct repo_index *out;
	char *copy, *at;
	void *more;
	size_t n;

	ck_assert_int_eq(repo_index_withdraw(index_, "sock-map-alloc", 3, 1700000000, "it oopses", &err), 0);
	ck_assert_uint_eq(index_->nr_targets, 0);
	ck_assert_int_eq(repo_index_withdraw(index_, "sock-map-alloc", 3, 1700000000, "again", &err), -EEXIST);
	ck_assert_int_eq(put(3, DIGEST_A), -ESTALE);
	ck_assert_int_eq(put(4, DIGEST_B), 0);
	ck_assert_int_eq(repo_index_format(index_, &more, &n, &err), 0);
	ck_assert_msg(!repo_index_parse(more, n, &out, &err), "%s", err.text);
	ck_assert_str_eq(repo_index_withdrawn(out, "sock-map-alloc", 3)->reason, "it oopses");
	ck_assert_int_eq(repo_index_withdrawn(out, "sock-map-alloc", 3)->since, 1700000000);
	ck_assert_ptr_null(repo_index_withdrawn(out, "sock-map-alloc", 4));
	repo_index_free(out);
	copy = more;
	at = strstr(copy, "\"release\":4");
	ck_assert_ptr_nonnull(at);
	at[10] = '3';
	ck_assert_int_lt(verify(copy, n), 0);
	free(more);
}
END_TEST

START_TEST(releases_never_go_back)
{
	ck_assert_int_eq(put(3, DIGEST_A), -EEXIST);
	ck_assert_int_eq(put(3, DIGEST_B), -ESTALE);
	ck_assert_int_eq(put(2, DIGEST_B), -ESTALE);
	/* The same bundle, signed once more: another file. */
	ck_assert_int_eq(put_as(3, DIGEST_A, DIGEST_C), 0);
	ck_assert_str_eq(index_->targets[0].digest, DIGEST_C);
	ck_assert_int_eq(put_as(2, DIGEST_A, DIGEST_A), -ESTALE);
	ck_assert_uint_eq(index_->targets[0].release, 3);
	ck_assert_int_eq(put(4, DIGEST_B), 0);
	ck_assert_uint_eq(index_->nr_targets, 1);
	ck_assert_uint_eq(index_->targets[0].release, 4);
	ck_assert_str_eq(index_->targets[0].digest, DIGEST_B);
}
END_TEST

/* Signed or not: what can't be a patch's name or shown to people isn't taken. */
START_TEST(text_of_an_index)
{
	static const char *const summaries[] = { "\x1b[2J", "two\nlines", "\xe2\x80\xaetxt", "\xc2\x9b" "2J", NULL };
	struct repo_index *out;
	void *data;
	size_t n;

	for (size_t i = 0; summaries[i]; i++) {
		free(index_->targets[0].summary);
		index_->targets[0].summary = strdup(summaries[i]);
		ck_assert_int_eq(repo_index_format(index_, &data, &n, &err), 0);
		ck_assert_msg(repo_index_parse(data, n, &out, &err) == -EBADMSG, "%zu", i);
		free(data);
	}
	strcpy(index_->targets[0].summary, "good");
	ck_assert_int_eq(repo_index_format(index_, &data, &n, &err), 0);
	ck_assert_int_eq(repo_index_parse(data, n, &out, &err), 0);
	repo_index_free(out);
	free(data);
	strcpy(index_->targets[0].name, "../x");
	ck_assert_int_eq(repo_index_format(index_, &data, &n, &err), 0);
	ck_assert_int_eq(repo_index_parse(data, n, &out, &err), -EBADMSG);
	free(data);
}
END_TEST

START_TEST(one_kernel_build_an_index)
{
	struct manifest *m = fixture_manifest(9);

	m->kernel_build_id[0] = 'f';
	ck_assert_int_eq(repo_index_put(index_, m, DIGEST_B, DIGEST_B, 1, &err), -EINVAL);
	manifest_free(m);
}
END_TEST

START_TEST(paths)
{
	char path[REPO_PATH_MAX];

	repo_index_path(FIXTURE_BUILD_ID, path);
	ck_assert_str_eq(path, "kernels/" FIXTURE_BUILD_ID ".json");
	repo_bundle_path(FIXTURE_BUILD_ID, "a-fix", 7, path);
	ck_assert_str_eq(path, "bundles/" FIXTURE_BUILD_ID "/a-fix-7.klp");
	repo_cves_path(FIXTURE_BUILD_ID, path);
	ck_assert_str_eq(path, "cves/" FIXTURE_BUILD_ID ".json");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("repo");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, truncated_or_with_more_members);
	tcase_add_test(tc, withdrawn);
	tcase_add_test(tc, releases_never_go_back);
	tcase_add_test(tc, text_of_an_index);
	tcase_add_test(tc, one_kernel_build_an_index);
	tcase_add_test(tc, paths);
	return fixture_run("repo", tc);
}
