// SPDX-License-Identifier: GPL-2.0-or-later
/* test_tuf_roles.c - the TUF client: delegations, and names that want to get out of where they belong. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "play.h"
#include "../../../tools/tuf/canon.h"
#include "../../../tools/tuf/role.h"
#include "../../../tools/tuf/store.h"

/* ---- delegations ---- */

START_TEST(delegations_in_their_order)
{
	json_t *a = targets_body(), *b = targets_body(), *c = targets_body();
	static const char *const want[] = { "1.A.json", "1.C.json", "1.B.json" };

	/* A and B delegate to C, C back to A; what isn't about the target isn't looked into. */
	tf_delegate(f, targets, "Z", KEY(9), "*.py");
	tf_delegate(f, targets, "A", KEY(4), "dir/*");
	tf_delegate(f, targets, "B", KEY(5), "dir/*");
	tf_delegate(f, a, "C", KEY(6), "dir/*");
	tf_delegate(f, b, "C", KEY(6), "dir/*");
	tf_delegate(f, c, "A", KEY(4), "dir/*");
	tf_target(f, b, "dir/of-b", "of b");
	put_role("A", a, KEY(4));
	put_role("B", b, KEY(5));
	put_role("C", c, KEY(6));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "dir/none"), -ENOENT);
	ck_assert_uint_eq(f->nr_asked, 7);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(f->asked[4 + i], want[i]);
	ck_assert_msg(!tf_get(f, "dir/of-b"), "%s", tf_err.text);
}
END_TEST

START_TEST(a_role_has_no_say_beyond_its_paths)
{
	json_t *a = targets_body(), *b = targets_body();

	/* A may speak of a/x, but B, whom it delegates all to, no more than A. */
	tf_delegate(f, targets, "A", KEY(4), "a/*");
	tf_delegate(f, a, "B", KEY(5), "*/*");
	tf_target(f, b, "b/x", "not ours");
	tf_target(f, a, "b/x", "not ours");
	put_role("A", a, KEY(4));
	put_role("B", b, KEY(5));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "b/x"), -ENOENT);
	ck_assert_uint_eq(f->nr_asked, 4);
}
END_TEST

START_TEST(terminating_delegations)
{
	json_t *a = targets_body(), *b = targets_body(), *c = targets_body();

	tf_delegate(f, targets, "A", KEY(4), "*");
	tf_delegate(f, targets, "B", KEY(5), "*");
	json_object_set_new(tf_delegate(f, a, "C", KEY(6), "*"), "terminating", json_true());
	tf_target(f, b, "x", "of b, whom it is kept from");
	put_role("A", a, KEY(4));
	put_role("B", b, KEY(5));
	put_role("C", c, KEY(6));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "x"), -ENOENT);
	ck_assert(tf_was_asked(f, "1.C.json") && !tf_was_asked(f, "1.B.json"));
}
END_TEST

START_TEST(a_role_is_verified_for_each_delegator)
{
	json_t *a = targets_body(), *b = targets_body(), *c = targets_body();

	tf_delegate(f, targets, "A", KEY(4), "a/*");
	tf_delegate(f, targets, "B", KEY(5), "b/*");
	tf_delegate(f, a, "C", KEY(6), "a/*");
	tf_delegate(f, b, "C", KEY(7), "b/*");
	tf_target(f, c, "a/x", "one");
	tf_target(f, c, "b/x", "two");
	put_role("A", a, KEY(4));
	put_role("B", b, KEY(5));
	put_role("C", c, KEY(6));
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "a/x"), "%s", tf_err.text);
	/* C is in the store, and A's key signed it; B named another. */
	ck_assert_int_eq(tf_get(f, "b/x"), -EKEYREJECTED);
}
END_TEST

START_TEST(a_delegated_role_that_is_bad_ends_the_search)
{
	json_t *a = targets_body(), *b = targets_body();

	tf_delegate(f, targets, "A", KEY(4), "*");
	tf_delegate(f, targets, "B", KEY(5), "*");
	tf_target(f, b, "x", "of b");
	if (_i == 0)
		tf_expire(a, TF_NOW);
	put_role("A", a, _i == 1 ? KEY(9) : KEY(4));
	put_role("B", b, KEY(5));
	if (_i == 2)
		tf_serve(f, "1.A.json", NULL, 0);
	if (_i == 3)
		json_object_del(json_object_get(snapshot, "meta"), "A.json");
	tf_publish(f, TF_TOP);
	ck_assert_int_lt(tf_get(f, "x"), 0);
	ck_assert(!tf_was_asked(f, "1.B.json"));
	ck_assert_int_eq(tf_stored(f, "A"), 0);
}
END_TEST

/* The end of a chain of roles: within what is looked into, and just beyond. */
START_TEST(delegations_without_end)
{
	char name[16], next[16];

	/* "targets" is the first of TUF_VISITED_MAX. */
	tf_delegate(f, targets, "r1", KEY(4), "*");
	for (int i = 1; i <= TUF_VISITED_MAX; i++) {
		json_t *body = targets_body();

		snprintf(name, sizeof(name), "r%d", i);
		snprintf(next, sizeof(next), "r%d", i + 1);
		tf_delegate(f, body, next, KEY(4), "*");
		if (i == TUF_VISITED_MAX - 1)
			tf_target(f, body, "near", "near");
		if (i == TUF_VISITED_MAX)
			tf_target(f, body, "far", "far");
		put_role(name, body, KEY(4));
	}
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "near"), "%s", tf_err.text);
	/* Nobody has signed that there is no such target. */
	ck_assert_int_eq(tf_get(f, "far"), -E2BIG);
	ck_assert(!tf_was_asked(f, "1.r32.json"));
}
END_TEST

static const struct {
	int bits;
	const char *path, *bin;
} bins[] = { { 1, "boo", "bin-0" }, { 2, "too", "bin-2" }, { 8, "bar", "bin-fc" }, { 32, "bar", "bin-fcde2b2e" } };

START_TEST(succinct_bins)
{
	json_t *d = tf_role(KEY(4), 1), *bin = targets_body(), *keys;

	tf_delegate(f, targets, "A", KEY(4), "*");
	keys = json_incref(json_object_get(json_object_get(targets, "delegations"), "keys"));
	json_object_set_new(d, "bit_length", json_integer(bins[_i].bits));
	json_object_set_new(d, "name_prefix", json_string("bin"));
	json_object_set_new(targets, "delegations", json_pack("{s:o, s:o}", "keys", keys, "succinct_roles", d));
	tf_target(f, bin, bins[_i].path, "in it");
	put_role(bins[_i].bin, bin, KEY(4));
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, bins[_i].path), "%s", tf_err.text);
	ck_assert_uint_eq(f->nr_asked, 6);
}
END_TEST

START_TEST(hash_prefixes)
{
	json_t *a = targets_body(), *role = tf_delegate(f, targets, "A", KEY(4), "*");

	/* sha256("bar") is fcde2b2e... */
	json_object_del(role, "paths");
	json_object_set_new(role, "path_hash_prefixes", json_pack("[s, s]", "00", "fcde"));
	tf_target(f, a, "bar", "in it");
	put_role("A", a, KEY(4));
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "bar"), "%s", tf_err.text);
	ck_assert_int_eq(tf_get(f, "foo"), -ENOENT);
	/* An empty prefix is nobody's. */
	json_object_set_new(role, "path_hash_prefixes", json_pack("[s]", ""));
	tf_publish(f, TF_TOP);
	ck_assert_int_eq(tf_get(f, "bar"), -ENOENT);
}
END_TEST

/* ---- names ---- */

START_TEST(traversal_by_a_target)
{
	static const char *const paths[] = {
		"", "/", "/etc/shadow", "..", "../x", "a/../x", "a/..", "a/./x", "./x", ".", "a//x", "a/",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (*paths[i])
			tf_target(f, targets, paths[i], "outside");
		tf_publish(f, TF_TOP);
		ck_assert_msg(tf_get(f, paths[i]) == -EINVAL, "\"%s\": %s", paths[i], tf_err.text);
	}
}
END_TEST

START_TEST(odd_names_of_targets)
{
	static const struct {
		const char *path, *file;
	} names[] = {
		{ "...", "..." }, { ".x", ".x" }, { "a b", "a%20b" }, { "a%2Fb", "a%252Fb" }, { "a\\b", "a%5Cb" },
		{ "\xc3\xbc", "%C3%BC" }, { "a?b#c", "a%3Fb%23c" }, { "a\nb", "a%0Ab" },
	};
	char *path;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char asked[256], hash[65];
		json_t *entry;

		tf_target(f, targets, names[i].path, "text");
		tf_publish(f, TF_TOP);
		entry = json_object_get(json_object_get(targets, "targets"), names[i].path);
		snprintf(hash, sizeof(hash), "%s",
			 json_string_value(json_object_get(json_object_get(entry, "hashes"), "sha256")));
		snprintf(asked, sizeof(asked), "t/%s.%s", hash, names[i].file);
		tf_serve(f, asked, "text", 4);
		ck_assert_msg(!tf_get(f, names[i].path), "\"%s\": %s", names[i].path, tf_err.text);
		path = fixture_path(f->store, "targets/");
		ck_assert_int_gt(asprintf(&path, "%s/targets/%s", f->store, names[i].file), 0);
		ck_assert_int_eq(access(path, F_OK), 0);
		free(path);
	}
}
END_TEST

static const char *const odd_roles[] = { "../outside", "/etc/role", "..", ".", "a/b", "?", "#", "a b", "%2e%2e", "\xc3\xbc" };

START_TEST(traversal_by_a_role)
{
	json_t *a = targets_body();
	char encoded[TUF_FILE_NAME_MAX + 1], name[300], *path;
	struct stat st;

	tf_delegate(f, targets, odd_roles[_i], KEY(4), "*");
	tf_target(f, a, "x", "text");
	tf_put(f, odd_roles[_i], a, KEY(4), true);
	ck_assert(!tuf_encode(odd_roles[_i], encoded));
	ck_assert_ptr_null(strchr(encoded, '/'));
	snprintf(name, sizeof(name), "1.%s.json", encoded);
	for (size_t i = 0; i < f->nr_files; i++)
		if (strstr(f->files[i].name, odd_roles[_i]) && !strncmp(f->files[i].name, "1.", 2) &&
		    strcmp(f->files[i].name, "1.snapshot.json") && strcmp(f->files[i].name, "1.targets.json")) {
			free(f->files[i].name);
			f->files[i].name = strdup(name);
		}
	tf_publish(f, TF_TOP);
	ck_assert_msg(!tf_get(f, "x"), "%s", tf_err.text);
	ck_assert(tf_was_asked(f, name));
	ck_assert_int_gt(asprintf(&path, "%s/%s.json", f->store, encoded), 0);
	ck_assert_int_eq(lstat(path, &st), 0);
	free(path);
	json_decref(a);
}
END_TEST

START_TEST(a_role_that_takes_a_top_level_name)
{
	tf_delegate(f, targets, tuf_type_name((enum tuf_type)_i), KEY(4), "*");
	tf_publish(f, TF_TOP);
	refuses(-EBADMSG);
	ck_assert_int_eq(tf_stored(f, "targets"), 0);
}
END_TEST

START_TEST(paths_and_patterns)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} cases[] = {
		{ "*", "a", true }, { "*", "a/b", false }, { "*", "", true }, { "a", "a", true }, { "a", "ab", false },
		{ "ab", "a", false }, { "targets/*.tgz", "targets/foo.tgz", true }, { "targets/*.tgz", "targets/foo.txt", false },
		{ "foo-version-?.tgz", "foo-version-2.tgz", true }, { "foo-version-?.tgz", "foo-version-alpha.tgz", false },
		{ "*.tgz", "targets/foo.tgz", false }, { "*/*", "a/b", true }, { "*/*", "a", false }, { "*/*", "a/b/c", false },
		{ "a?c", "a/c", false }, { "?", "\xc3\xbc", true }, { "??", "\xc3\xbc", false }, { "a*b*c", "aXbYc", true },
		{ "a*b*c", "aXbY", false }, { "*a", "ba", true }, { "*aab", "aaaab", true }, { "**", "abc", true },
		{ "a*/b", "aXX/b", true }, { "a*/b", "aXX/c", false }, { "[ab]", "a", false }, { "[ab]", "[ab]", true },
		{ "a\\*", "a*", false }, { "?", "", false }, { "*?", "", false }, { "", "", true }, { "", "a", false },
		{ "a/*/c", "a/b/c", true }, { "a/*/c", "a//c", true }, { "?", "?", true }, { "x?", "x", false },
	};
	char pattern[1024], path[1024];
	clock_t before = clock();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(tuf_path_matches(cases[i].pattern, cases[i].path) == cases[i].match, "%s %s",
			      cases[i].pattern, cases[i].path);
	/* What takes fnmatch(3) for ever. */
	for (int i = 0; i < 1000; i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + 1000, "b");
	memset(path, 'a', 1000);
	path[1000] = '\0';
	ck_assert(!tuf_path_matches(pattern, path));
	ck_assert_msg(clock() - before < CLOCKS_PER_SEC, "a second for a pattern");
}
END_TEST

int main(void)
{
	TCase *tc = play_case("tuf roles");

	tcase_add_test(tc, delegations_in_their_order);
	tcase_add_test(tc, a_role_has_no_say_beyond_its_paths);
	tcase_add_test(tc, terminating_delegations);
	tcase_add_test(tc, a_role_is_verified_for_each_delegator);
	tcase_add_loop_test(tc, a_delegated_role_that_is_bad_ends_the_search, 0, 4);
	tcase_add_test(tc, delegations_without_end);
	tcase_add_loop_test(tc, succinct_bins, 0, sizeof(bins) / sizeof(bins[0]));
	tcase_add_test(tc, hash_prefixes);
	tcase_add_test(tc, traversal_by_a_target);
	tcase_add_test(tc, odd_names_of_targets);
	tcase_add_loop_test(tc, traversal_by_a_role, 0, sizeof(odd_roles) / sizeof(odd_roles[0]));
	tcase_add_loop_test(tc, a_role_that_takes_a_top_level_name, 0, 4);
	tcase_add_test(tc, paths_and_patterns);
	return fixture_run("tuf roles", tc);
}
