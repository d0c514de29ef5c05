// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_json.c - what klp-build writes for --json is what docs/schema/ says, as far as it goes without a kernel; the reports of
 * builds are held against it by selftests/build/run, check-series and check-targets.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "base/report_data.h"
#include "base/text.h"
#include "cli/cmd.h"
#include "err.h"
#include "machine_fixture.h"
#include "schema_holds.h"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
}

static void teardown(void)
{
	machine_teardown(&m);
}

/* In a list of reasons: all those of the source, and, where refusals are listed, no others. */
static size_t look_for_reasons(const char *file, const char *name, const json_t *schema)
{
	json_t *list = strcmp(name, "reason") ? NULL : json_object_get(schema, "enum"), *item;
	size_t found = list != NULL, i;
	const char *key;

	for (int k = 0; list && k < NR_REFUSALS; k++) {
		bool there = false;

		json_array_foreach(list, i, item)
			there |= json_is_string(item) && !strcmp(json_string_value(item), report_reason_name(k));
		ck_assert_msg(there, "%s has no reason %s", file, report_reason_name(k));
	}
	if (json_is_object(schema))
		json_object_foreach((json_t *)schema, key, item)
			found += look_for_reasons(file, key, item);
	return found;
}

START_TEST(schemas_know_each_reason)
{
	size_t found = 0;
	glob_t g;

	ck_assert_int_eq(glob("docs/schema/build-*.json", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		json_t *s = json_load_file(g.gl_pathv[i], 0, NULL), *refusals;

		ck_assert_ptr_nonnull(s);
		found += look_for_reasons(g.gl_pathv[i], "", s);
		refusals = json_object_get(json_object_get(s, "properties"), "refusals");
		refusals = json_object_get(json_object_get(json_object_get(refusals, "items"), "properties"), "reason");
		if (refusals)
			ck_assert_uint_eq(json_array_size(json_object_get(refusals, "enum")), NR_REFUSALS);
		json_decref(s);
	}
	/* In a series, a package's parts and its all, a survey, targets twice, and the others once. */
	ck_assert_uint_ge(found, 9);
	globfree(&g);
}
END_TEST

/* One document, on stdout or in the file, and nothing beside it. */
#define wrong(code, ...)	do {										\
		ck_assert_int_eq(machine_tool(&m, "klp-build", __VA_ARGS__, NULL), code);			\
		schema_holds("error", m.out);									\
	} while (0)

START_TEST(mistakes)
{
	json_t *j;

	wrong(64, "bogus", "--json", "-");
	wrong(64, "build", "--json", "-");
	wrong(64, "build", "--json=-", "--bogus");
	wrong(64, "build", "--bogus", "--json", "-");
	j = machine_json(&m);
	ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(j, "error")), "--bogus"));
	json_decref(j);
	wrong(64, "build", "--kernel", "K", "-o", "x", "fix", "--max-units", "\377", "--json", "-");
	wrong(64, "build", "-Z", "--json", "-");
	wrong(64, "check", "--targets", "a", "--series", "b", "--json", "-");
	wrong(64, "survey", "--from-package", "x", "--json", "-");
	wrong(64, "diff", "a.o", "--json", "-");
	wrong(64, "prove", "--json", "-");
	wrong(64, "inspect", "--json", "-");
	wrong(64, "mitigate", "--json", "-");
	wrong(64, "mitigate", "--bogus", "--json", "-");
	/* A diff on stdout would be no JSON. */
	wrong(64, "mitigate", "--kernel", "K", "--function", "f", "--return", "0", "--expires", "2099-01-01", "--print", "--json", "-");
	ck_assert_int_eq(machine_tool(&m, "klp-build", "build", "--bogus", NULL), 64);
	ck_assert_str_eq(m.out, "");
}
END_TEST

/* None of these gets as far as a report of its own. */
START_TEST(what_fails)
{
	wrong(1, "inspect", "/nonexistent", "--json", "-");
	wrong(1, "diff", "/nonexistent", "/nonexistent", "--json", "-");
	wrong(1, "prove", "--kernel", "nowhere", "a.c", "--json", "-");
	wrong(1, "check", "--kernel", "nowhere", "--series", "/nonexistent", "--json", "-");
	wrong(1, "check", "--kernel", "nowhere", "--from-package", "6.1.187-1", "--json", "-");
	wrong(1, "check", "--kernel", "nowhere", "fix", "--cve", "x", "--json", "-");
	wrong(1, "check", "--targets", ",", "fix", "--json", "-");
	wrong(1, "survey", "--kernel", "nowhere", "--from-package", "6.1.187-1", "--cves", "/nonexistent", "--json", "-");
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--kernel", "nowhere", "fix", "--json", "-", NULL), 1);
	schema_holds("build-fix", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--targets", "nowhere,\377", "fix", "--json", "-", NULL), 1);
	schema_holds("build-targets", m.out);
}
END_TEST

/* An earlier run's report doesn't pass for this one's. */
START_TEST(a_file_is_replaced)
{
	char *file = fixture_path(m.root, "r.json");

	machine_put(&m, "r.json", "{\"kind\": \"fix\", \"outcome\": \"built\"}\n");
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--json", file, NULL), 64);
	ck_assert_str_eq(m.out, "");
	schema_holds("error", machine_get(&m, "r.json"));
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--json", file, NULL), 64);
	schema_holds("error", machine_get(&m, "r.json"));
	/* Other tools' --json has no FILE; who thinks so here doesn't lose the fix, or a bundle. */
	machine_put(&m, "r.json", "--- a/x.c\n");
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--kernel", "K", "--json", file, NULL), 64);
	ck_assert_str_eq(machine_get(&m, "r.json"), "--- a/x.c\n");
	ck_assert_int_eq(machine_tool(&m, "klp-build", "check", "--json", "-o", NULL), 64);
	ck_assert_int_eq(access("-o", F_OK), -1);
	free(file);
}
END_TEST

START_TEST(any_bytes_and_numbers)
{
	struct report *r = report_new(true, false, stdout);
	char *file = fixture_path(m.root, "r.json");
	struct strings names = { 0 };
	struct klp_err err = { 0 };
	json_t *j;

	strings_add(&names, "\377");
	report_stage(r, "fix");
	report_stage_end(r, "\377");
	report_unit(r, "\377.c");
	report_function(r, "vmlinux", "f\377", "\377.c", UINT32_MAX, 1, 1ull << 40, "bytes");
	report_file(r, "\377.c", "refused", "\377", &names, &names);
	report_refuse(r, REFUSE_OTHER, "\377", "\377.c", UINT32_MAX, "\377", "\377");
	report_tripwire(r, "\377", "\377.c", 1, "\377");
	report_warn(r, "\377");
	report_not_compiled(r, "\377");
	report_missing(r, "\377");
	/* Not filed, it would be no refusal. */
	ck_assert_uint_eq(report_nr_refusals(r), 1);
	ck_assert_int_eq(cmd_report(r, "fix", file, "failed", "\377", &err), 0);
	schema_holds("build-fix", machine_get(&m, "r.json"));
	j = json_loads(machine_get(&m, "r.json"), 0, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "functions")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "stages")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "units")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(j, "tripwires")), 1);
	ck_assert_ptr_nonnull(json_object_get(j, "message"));
	json_decref(j);
	strings_free(&names);
	report_free(r);
	free(file);
}
END_TEST

static char *compiled(const char *name, const char *source)
{
	char *c = fixture_path(m.root, name), *o = fixture_path(m.root, name), *command;

	machine_put(&m, name, source);
	o[strlen(o) - 1] = 'o';
	ck_assert(asprintf(&command, "gcc -O2 -pg -mfentry -mrecord-mcount -fno-pie -fcf-protection=none -ffunction-sections -fdata-sections -c %s -o %s", c, o) > 0);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(c);
	return o;
}

START_TEST(differences)
{
	char *a = compiled("a.c", "int x; int f(int i) { return i + x; } int g(int i) { return i * 3; }\n");
	char *b = compiled("b.c", "int x; int f(int i) { return i - x; } int g(int i) { return i * 3; }\n");
	char *c = compiled("c.c", "int x = 1; int f(int i) { return i - x; } int g(int i) { return i * 3; }\n");

	ck_assert_int_eq(machine_tool(&m, "klp-build", "diff", a, b, "--json", "-", NULL), 0);
	schema_holds("build-diff", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-build", "diff", a, a, "--all", "--json", "-", NULL), 2);
	schema_holds("build-diff", m.out);
	ck_assert_int_eq(machine_tool(&m, "klp-build", "diff", a, c, "--all", "--json", "-", NULL), 3);
	schema_holds("build-diff", m.out);
	free(c);
	free(b);
	free(a);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("json");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, schemas_know_each_reason);
	tcase_add_test(tc, mistakes);
	tcase_add_test(tc, what_fails);
	tcase_add_test(tc, a_file_is_replaced);
	tcase_add_test(tc, any_bytes_and_numbers);
	tcase_add_test(tc, differences);
	return fixture_run("json", tc);
}
