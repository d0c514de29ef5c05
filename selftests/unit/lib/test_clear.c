// SPDX-License-Identifier: GPL-2.0-or-later
/* test_clear.c - mistakes in a command line are told early and clearly, and one table of exit codes is told by all tools. */
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

int main(void)
{
	TCase *tc = tcase_create("clear");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_table_of_exit_codes);
	tcase_add_test(tc, unknown_options_are_named);
	tcase_add_test(tc, mistakes_are_told_in_the_form_asked_for);
	tcase_add_test(tc, keys_that_are_not_there);
	tcase_add_test(tc, a_hold_of_what_nobody_knows_is_told);
	return fixture_run("clear", tc);
}
