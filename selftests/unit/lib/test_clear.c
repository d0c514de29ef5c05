// SPDX-License-Identifier: GPL-2.0-or-later
/* test_clear.c - mistakes in a command line are told early and clearly, and one table of exit codes is told by all tools. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exits.h"
#include "machine_fixture.h"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
}

static void teardown(void)
{
	machine_teardown(&m);
}

static const char *const tools[] = { "klp-apply", "klp-build", "klp-repo", "klp-update" };

START_TEST(one_table_of_exit_codes)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++) {
		ck_assert_int_eq(machine_tool(&m, tools[i], "--help", NULL), 0);
		ck_assert_msg(strstr(m.out, exits_help) != NULL, "%s: %s", tools[i], m.out);
	}
}
END_TEST

START_TEST(unknown_options_are_named)
{
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--bogus", NULL), 64);
	ck_assert_ptr_nonnull(strstr(m.err, "--bogus"));
	ck_assert_int_eq(machine_tool(&m, "klp-update", "status", "--bogus", NULL), 64);
	ck_assert_ptr_nonnull(strstr(m.err, "--bogus"));
	ck_assert_int_eq(machine_tool(&m, "klp-apply", "load", "--bogus", NULL), 64);
	ck_assert_ptr_nonnull(strstr(m.err, "--bogus"));
	ck_assert_int_eq(machine_tool(&m, "klp-build", "build", "--bogus", NULL), 64);
	ck_assert_ptr_nonnull(strstr(m.err, "--bogus"));
}
END_TEST

static void mistake_in_json(void)
{
	json_t *j = machine_json(&m);

	ck_assert_int_eq(json_integer_value(json_object_get(j, "exit")), 64);
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(j, "error")), "bogus"));
	json_decref(j);
}

START_TEST(mistakes_are_told_in_the_form_asked_for)
{
	ck_assert_int_eq(machine_tool(&m, "klp-apply", "load", "--bogus", "--json", NULL), 64);
	mistake_in_json();
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "bogus", "--json", NULL), 64);
	mistake_in_json();
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "--bogus", "list", "-j", NULL), 64);
	mistake_in_json();
	ck_assert_int_eq(machine_tool(&m, "klp-update", "bogus", "--json", NULL), 64);
	mistake_in_json();
}
END_TEST

/* The keyring that isn't there is the mistake, not that nothing in it is trusted. */
START_TEST(keys_that_are_not_there)
{
	char *file = fixture_path(m.source, "a.klp");

	machine_offer(&m, "a.klp", 1, m.key);
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "verify", "--keys", "/nonexistent", file, NULL), 3);
	ck_assert_ptr_nonnull(strstr(m.err, "/nonexistent: No such file"));
	ck_assert_int_eq(machine_tool(&m, "klp-apply", "--keyring", "/nonexistent", "load", "--verify-only", file, NULL), 3);
	ck_assert_ptr_nonnull(strstr(m.err, "/nonexistent: No such file"));
	free(file);
}
END_TEST

START_TEST(a_hold_of_what_nobody_knows_is_told)
{
	ck_assert_int_eq(machine_run(&m, "hold", "nosuch-patch", NULL), 0);
	ck_assert_ptr_nonnull(strstr(m.err, "no patch nosuch-patch is known here"));
	machine_offer(&m, "a.klp", 1, m.key);
	ck_assert_int_eq(machine_run(&m, "update", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "hold", "sock-map-alloc", NULL), 0);
	ck_assert_str_eq(m.err, "");
}
END_TEST

/* An option that a command doesn't know isn't passed over: it would say something that isn't done. */
START_TEST(options_of_other_commands)
{
	static const char *const calls[][5] = {
		{ "klp-update", "disable", "--until", "3d" },
		{ "klp-update", "hold", "--all" },
		{ "klp-update", "unhold", "--until", "3d" },
		{ "klp-update", "status", "--format", "openvex" },
		{ "klp-update", "update", "--open" },
		{ "klp-apply", "revert", "--verify-only", "some-name" },
		{ "klp-apply", "resume", "--verify-only" },
		{ "klp-apply", "load", "--all", "a.klp" },
		{ "klp-apply", "withdraw", "--allow", "older" },
		{ "klp-repo", "sign", "--release", "5", "a.klp" },
		{ "klp-repo", "publish", "--role", "root=a" },
		{ "klp-repo", "resume", "--reason", "better" },
		{ "klp-repo", "keygen", "--rollout", "now", "k" },
		{ "klp-repo", "log", "audit", "--new" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const char *const *c = calls[i];
		const char *option = c[2][0] == '-' ? c[2] : c[3];

		ck_assert_msg(machine_tool(&m, c[0], c[1], c[2], c[3], c[4], NULL) == 64, "%s %s: %s", c[0], c[1], m.err);
		ck_assert_msg(strstr(m.err, "doesn't take") && strstr(m.err, option) && strstr(m.err, "--help"), "%s %s: %s", c[0], c[1], m.err);
	}
}
END_TEST

/* What can't be so is a mistake of whoever typed it, wherever it stands. */
START_TEST(words_that_cannot_be)
{
	static const char *const calls[][5] = {
		{ "hold", "../x" },
		{ "hold", "x\033[31m" },
		{ "cve", "nonsense" },
		{ "config", "set", "watch", "abc" },
		{ "config", "set", "nosuch", "1" },
		{ "--set", "watch=abc", "status" },
		{ "--set", "nosuch=1", "status" },
		{ "--source", "ftp://a/b c", "status" },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const char *const *c = calls[i];

		ck_assert_msg(machine_run(&m, c[0], c[1], c[2], c[3], NULL) == 64, "%s %s: %s", c[0], c[1], m.err);
		ck_assert_msg(!strchr(m.err, '\033'), "%s", m.err);
	}
	/* One that somebody else writes in small letters is the same. */
	ck_assert_int_eq(machine_run(&m, "cve", "cve-2026-12345", NULL), 3);
	ck_assert_ptr_nonnull(strstr(m.out, "CVE-2026-12345"));
}
END_TEST

/* What an operator gives as a reason is one line, and steers no terminal. */
START_TEST(a_reason_is_a_line)
{
	ck_assert_int_eq(machine_run(&m, "hold", "a-patch", "--reason", "a\033[31mb\nc\342\200\256d", NULL), 0);
	ck_assert_int_eq(machine_run(&m, "history", NULL), 0);
	ck_assert_msg(strstr(m.out, "a-patch: a\\x1b[31mb c\\xe2\\x80\\xaed\n"), "%s", m.out);
	machine_run(&m, "status", NULL);
	ck_assert_ptr_null(strchr(m.out, '\033'));
}
END_TEST

/* What completion.bash offers for the last word of @line, in "out". */
static void completed(const char *line, char out[2048])
{
	char *command, *bin = fixture_built("bin");
	FILE *f;
	size_t n;

	ck_assert(asprintf(&command, "PATH=%s:$PATH bash -c 'source tools/completion/klp.bash; COMP_WORDS=(%s); "
			   "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _klp; echo \" ${COMPREPLY[*]} \"'", bin, line) > 0);
	f = popen(command, "r");
	n = fread(out, 1, 2047, f);
	out[n] = '\0';
	ck_assert_int_eq(pclose(f), 0);
	free(command);
	free(bin);
}

/* Only what there is: klp-repo log has commands and options of its own. */
START_TEST(completion_offers_what_there_is)
{
	char out[2048];

	completed("klp-repo publish --", out);
	ck_assert_msg(strstr(out, " --rollout ") && !strstr(out, " --log ") && !strstr(out, " --policy "), "%s", out);
	completed("klp-repo log audit --", out);
	ck_assert_msg(strstr(out, " --policy ") && !strstr(out, " --rollout "), "%s", out);
	completed("klp-repo log \"\"", out);
	ck_assert_msg(strstr(out, " witness ") && !strstr(out, " publish "), "%s", out);
	completed("klp-update hol", out);
	ck_assert_str_eq(out, " hold \n");
}
END_TEST

START_TEST(a_repository_that_is_not_there)
{
	ck_assert_int_eq(machine_tool(&m, "klp-repo", "list", "--repo", "/nonexistent", NULL), 3);
	ck_assert_ptr_nonnull(strstr(m.err, "/nonexistent: No such file"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("clear");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_table_of_exit_codes);
	tcase_add_test(tc, unknown_options_are_named);
	tcase_add_test(tc, mistakes_are_told_in_the_form_asked_for);
	tcase_add_test(tc, keys_that_are_not_there);
	tcase_add_test(tc, a_hold_of_what_nobody_knows_is_told);
	tcase_add_test(tc, options_of_other_commands);
	tcase_add_test(tc, words_that_cannot_be);
	tcase_add_test(tc, a_reason_is_a_line);
	tcase_add_test(tc, completion_offers_what_there_is);
	tcase_add_test(tc, a_repository_that_is_not_there);
	return fixture_run("clear", tc);
}
