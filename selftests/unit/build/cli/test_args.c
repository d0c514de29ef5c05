// SPDX-License-Identifier: GPL-2.0-or-later
/* test_args.c - the command line of `klp-build build` and `check`. */
#include <check.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli/build_args.h"
#include "cli/cmd.h"
#include "fixture.h"

static struct build_args a;
static char *words[40], *copy;

static void teardown(void)
{
	build_args_free(&a);
	free(copy);
}

/* The words of @line as arguments; what build_args_parse() says. */
static int parse(const char *line, bool emit)
{
	int n = 0;

	build_args_free(&a);
	memset(&a, 0, sizeof(a));
	free(copy);
	copy = strdup(line);
	for (char *s = strtok(copy, " "); s && n < 39; s = strtok(NULL, " "))
		words[n++] = s;
	words[n] = NULL;
	optind = 0;
	return build_args_parse("build", n, words, emit, &a);
}

START_TEST(a_fix)
{
	ck_assert_int_eq(parse("build -k K one.patch -o out --key k.pem --name n --release 7 --summary s --cve C1 --cve C2 "
			       "--allow-data d --json - -j 3 --keep -v two", true), 0);
	ck_assert_str_eq(a.o.krel, "K");
	ck_assert_uint_eq(a.o.nr_fixes, 2);
	ck_assert_str_eq(a.o.fixes[0], "one.patch");
	ck_assert_str_eq(a.o.fixes[1], "two");
	ck_assert_str_eq(a.o.out, "out");
	ck_assert_str_eq(a.o.key, "k.pem");
	ck_assert_str_eq(a.o.name, "n");
	ck_assert_uint_eq(a.o.release, 7);
	ck_assert_str_eq(a.o.summary, "s");
	ck_assert_uint_eq(a.o.cves.nr, 2);
	ck_assert(strings_have(&a.o.allow_data, "d"));
	ck_assert_str_eq(a.json, "-");
	ck_assert_uint_eq(a.o.jobs, 3);
	ck_assert(a.o.keep && a.verbose);
	ck_assert_uint_eq(a.o.max_units, 2500);
	ck_assert_ptr_null(a.version);
}
END_TEST

START_TEST(what_is_left_out)
{
	ck_assert_int_eq(parse("check -k K fix", false), 0);
	ck_assert_uint_eq(a.o.release, 1);
	ck_assert_uint_ge(a.o.jobs, 1);
	ck_assert_ptr_null(a.o.out);
	ck_assert(!a.o.keep && !a.verbose && !a.json);
}
END_TEST

START_TEST(a_package)
{
	ck_assert_int_eq(parse("build --from-package 6.1.187-1 -k K -o out --only a.c b.c --max-units 9 --key k", true), 0);
	ck_assert_str_eq(a.version, "6.1.187-1");
	ck_assert_uint_eq(a.only.nr, 2);
	ck_assert(strings_have(&a.only, "a.c") && strings_have(&a.only, "b.c"));
	ck_assert_uint_eq(a.o.max_units, 9);
	ck_assert_uint_eq(a.o.nr_fixes, 0);
	ck_assert_str_eq(a.o.key, "k");
	/* There is a limit without being asked for. */
	ck_assert_int_eq(parse("build --from-package=6.1.187-1 -k K -o out", true), 0);
	ck_assert_uint_gt(a.o.max_units, 1);
}
END_TEST

static const char *const wrong[] = {
	"build fix -o out",			/* no kernel */
	"build -k K -o out",			/* no fix */
	"build -k K fix",			/* no output */
	"build -k K fix -o out --release 0",
	"build -k K fix -o out --release x",
	"build -k K fix -o out -j 0",
	"build -k K fix -o out -j x",
	"build -k K fix -o out --nonsense",
	"build -k K fix -o out --only a.c",
	"build -k K --series x -o out --max-units 3",
	"build -k K fix -o out --release 3x",
	"build -k K -o out --from-package 1 --max-units 0",
	"build -k K -o out --from-package 1 --cve C",
	"build -k K -o out --from-package 1 --keep",
	"build -k K -o out --from-package 1 --allow-data d",
	"build -o out --from-package 1",
	"build fix -o out -k K --targets prepared",
	"build -o out --targets prepared",	/* no fix */
	"build -o out --targets prepared --series x",
	"build -o out --targets prepared --from-package 1",
	"build fix --targets prepared",		/* no folder */
};

START_TEST(mistakes)
{
	ck_assert_msg(parse(wrong[_i], true) == 1 + EXIT_USAGE, "%s", wrong[_i]);
}
END_TEST

START_TEST(check_writes_nothing)
{
	ck_assert_int_eq(parse("check -k K fix -o out", false), 1 + EXIT_USAGE);
}
END_TEST

START_TEST(help)
{
	ck_assert_int_eq(parse("build --help", true), 1);
	ck_assert_int_eq(parse("build --from-package 1 -h", true), 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("args");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, a_fix);
	tcase_add_test(tc, what_is_left_out);
	tcase_add_test(tc, a_package);
	tcase_add_loop_test(tc, mistakes, 0, sizeof(wrong) / sizeof(*wrong));
	tcase_add_test(tc, check_writes_nothing);
	tcase_add_test(tc, help);
	return fixture_run("args", tc);
}
