// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_repo.c - a repository's index: signed, strict, and never going back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "manifest.h"
#include "repo.h"
#include "sign.h"

#define DIGEST_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define DIGEST_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct signing_key *key;
static struct keyring *ring;
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

	key = fixture_key();
	ring = fixture_keyring(key);
	index_ = repo_index_new();
	index_->version = 4;
	strcpy(index_->build_id, FIXTURE_BUILD_ID);
	strcpy(index_->kernel_release, "6.1.0-50-cloud-amd64");
	repo_time(3600, index_->expires);
	ck_assert_int_eq(put(3, DIGEST_A), 0);
	ck_assert_msg(!repo_index_format(index_, key, &out, &len, &err), "%s", err.text);
	text = out;
}

static void teardown(void)
{
	free(text);
	repo_index_free(index_);
	keyring_free(ring);
	signing_key_free(key);
}

static int verify(const char *data, size_t n)
{
	struct repo_index *out;
	int ret = repo_index_verify(data, n, ring, &out, &err);

	if (!ret)
		repo_index_free(out);
	return ret;
}

START_TEST(round_trip)
{
	const struct repo_target *t;
	struct repo_index *out;

	ck_assert_msg(!repo_index_verify(text, len, ring, &out, &err), "%s", err.text);
	ck_assert_str_eq(out->build_id, FIXTURE_BUILD_ID);
	ck_assert_uint_eq(out->version, 4);
	ck_assert_str_eq(out->expires, index_->expires);
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

START_TEST(truncated_and_altered_at_each_byte)
{
	for (size_t i = 0; i < len; i++) {
		ck_assert_int_lt(verify(text, i), 0);
		text[i] ^= 1;
		ck_assert_msg(verify(text, len) < 0, "byte %zu altered, yet taken", i);
		text[i] ^= 1;
	}
	ck_assert_int_eq(verify(text, len), 0);
}
END_TEST

START_TEST(foreign_and_no_signature)
{
	struct signing_key *other = fixture_key();
	char *end, unsigned_index[4096];
	void *out;
	size_t n;

	ck_assert_int_eq(repo_index_format(index_, other, &out, &n, &err), 0);
	ck_assert_int_eq(verify(out, n), -ENOKEY);
	free(out);
	end = strstr(text, "\"signed\"");
	ck_assert_ptr_nonnull(end);
	snprintf(unsigned_index, sizeof(unsigned_index), "{\"signatures\":[],%s", end);
	ck_assert_int_eq(verify(unsigned_index, strlen(unsigned_index)), -ENOKEY);
	signing_key_free(other);
}
END_TEST

START_TEST(altered_content_is_rejected_as_such)
{
	char *at = strstr(text, DIGEST_A);

	at[0] = 'b';
	ck_assert_int_eq(verify(text, len), -EKEYREJECTED);
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
		ck_assert_int_eq(repo_index_format(index_, key, &data, &n, &err), 0);
		ck_assert_msg(repo_index_verify(data, n, ring, &out, &err) == -EBADMSG, "%zu", i);
		free(data);
	}
	strcpy(index_->targets[0].summary, "good");
	ck_assert_int_eq(repo_index_format(index_, key, &data, &n, &err), 0);
	ck_assert_int_eq(repo_index_verify(data, n, ring, &out, &err), 0);
	repo_index_free(out);
	free(data);
	strcpy(index_->targets[0].name, "../x");
	ck_assert_int_eq(repo_index_format(index_, key, &data, &n, &err), 0);
	ck_assert_int_eq(repo_index_verify(data, n, ring, &out, &err), -EBADMSG);
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
	ck_assert_str_eq(path, "targets/" FIXTURE_BUILD_ID ".json");
	repo_blob_path(DIGEST_A, path);
	ck_assert_str_eq(path, "blobs/" DIGEST_A ".klp");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("repo");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, truncated_and_altered_at_each_byte);
	tcase_add_test(tc, foreign_and_no_signature);
	tcase_add_test(tc, altered_content_is_rejected_as_such);
	tcase_add_test(tc, releases_never_go_back);
	tcase_add_test(tc, text_of_an_index);
	tcase_add_test(tc, one_kernel_build_an_index);
	tcase_add_test(tc, paths);
	return fixture_run("repo", tc);
}
