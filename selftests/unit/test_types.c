// SPDX-License-Identifier: GPL-2.0-or-later
/* Types, enumerators and signatures: compiled on the spot, compared by DWARF. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "../../tools/klp-build/build.h"
#include "../../tools/klp-build/debuginfo.h"
#include "../../tools/klp-build/report_priv.h"

static char *folder, *orig, *patched;
static struct report *report;

static void setup(void)
{
	folder = fixture_folder();
	orig = fixture_path(folder, "orig.o");
	patched = fixture_path(folder, "patched.o");
	report = report_new(true, false, stdout);
}

static void teardown(void)
{
	report_free(report);
	fixture_remove(folder);
	free(orig);
	free(patched);
}

static void compile(const char *text, const char *out)
{
	char cmd[512];
	FILE *p;

	snprintf(cmd, sizeof(cmd), "gcc -g -O1 -w -x c -c -o %s -", out);
	p = popen(cmd, "w");
	ck_assert_ptr_nonnull(p);
	fputs(text, p);
	ck_assert_int_eq(pclose(p), 0);
}

/* Number of refusals. */
static size_t compare(const char *a, const char *b)
{
	struct unit u = { .source = "a.c", .orig_path = orig, .patched_path = patched };
	struct build build = { .report = report, .units = &u, .nr_units = 1 };
	struct klp_err err = { 0 };

	compile(a, orig);
	compile(b, patched);
	ck_assert_msg(!types_compare(&build, &err), "%s", err.text);
	return report_nr_refusals(report);
}

static bool refused(enum refusal reason, const char *name, const char *why)
{
	size_t i;
	json_t *j;

	json_array_foreach(report->refusals, i, j)
		if (!strcmp(json_string_value(json_object_get(j, "reason")),
			    report_reason_name(reason)) &&
		    !strcmp(json_string_value(json_object_get(j, "function")), name) &&
		    strstr(json_string_value(json_object_get(j, "why")), why))
			return true;
	return false;
}

#define USE "int f(struct s *p) { return p->last; }\n"

START_TEST(member_in_a_hole)
{
	ck_assert_uint_eq(compare("struct s { char c; int last; };" USE,
				  "struct s { char c; char d; int last; };" USE), 1);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "new member d at offset 1"));
}
END_TEST

START_TEST(member_that_moves)
{
	compare("struct s { int a; int b; int last; };" USE,
		"struct s { int b; int a; int last; };" USE);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "member a moves from offset 0 to 4"));
}
END_TEST

START_TEST(member_that_changes_type)
{
	compare("struct s { struct x *p; int last; };" USE,
		"struct s { struct y *p; int last; };" USE);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "member p at offset 0 changes type"));
}
END_TEST

START_TEST(removed_member)
{
	compare("struct s { int last; long gone; };" USE, "struct s { int last; };" USE);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "member gone at offset 8 is removed"));
}
END_TEST

START_TEST(culprit_not_its_container)
{
	const char *use = "struct o { struct s s; int after; }; int g(struct o *o) { return o->after; }";
	char a[256], b[256];

	snprintf(a, sizeof(a), "struct s { int last; };%s", use);
	snprintf(b, sizeof(b), "struct s { int last; int more; };%s", use);
	ck_assert_uint_eq(compare(a, b), 1);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "new member more"));
}
END_TEST

START_TEST(function_pointer_in_ops)
{
	compare("struct s { int (*fn)(int); int last; };" USE,
		"struct s { int (*fn)(int, int); int last; };" USE);
	ck_assert(refused(REFUSE_STRUCT, "struct s", "member fn"));
}
END_TEST

START_TEST(harmless_ones)
{
	ck_assert_uint_eq(compare("struct s { int a; int last; };" USE,
				  "struct s { unsigned a; int last; };" USE), 0);
	ck_assert_uint_eq(compare("struct s { int old; int last; };" USE,
				  "struct s { int renamed; int last; };" USE), 0);
	ck_assert_uint_eq(compare("struct s { char *a; int last; };" USE,
				  "struct s { const char *a; int last; };" USE), 0);
	ck_assert_uint_eq(compare("struct s { int last; };" USE,
				  "struct n { int x; }; int h(struct n *n) { return n->x; }"
				  "struct s { int last; };" USE), 0);
	ck_assert_uint_eq(compare("union s { int last; long l; }; int f(union s *p) { return p->last; }",
				  "union s { int last; long l; char c; };"
				  "int f(union s *p) { return p->last; }"), 0);
	ck_assert_uint_eq(compare("static int s(int a) { return a; } int f(int a) { return s(a); }",
				  "static int s(int a, int b) { return a + b; }"
				  "int f(int a) { return s(a, 1); }"), 0);
}
END_TEST

START_TEST(enumerators)
{
	ck_assert_uint_eq(compare("enum e { A, B }; int f(enum e e) { return e; }",
				  "enum e { A, B, C }; int f(enum e e) { return e; }"), 0);
	compare("enum e { A, B }; int f(enum e e) { return e; }",
		"enum e { N, A, B }; int f(enum e e) { return e; }");
	ck_assert(refused(REFUSE_ENUM, "enum e", "A changes from 0 to 1"));
}
END_TEST

START_TEST(enumerators_of_an_anonymous_enum)
{
	compare("enum { A, B }; int f(void) { return B; }",
		"enum { N, A, B }; int f(void) { return B; }");
	ck_assert(refused(REFUSE_ENUM, "enum B", "B changes from 1 to 2"));
}
END_TEST

START_TEST(signature_of_what_others_call)
{
	compare("int f(int a) { return a; }", "int f(int a, int b) { return a + b; }");
	ck_assert(refused(REFUSE_SIGNATURE, "f", "takes 2 parameters instead of 1"));
	compare("int g(int a) { return a; }", "int g(long a) { return a; }");
	ck_assert(refused(REFUSE_SIGNATURE, "g", "parameter 1 changes type"));
	compare("int h(int a) { return a; }", "long h(int a) { return a; }");
	ck_assert(refused(REFUSE_SIGNATURE, "h", "what it returns"));
}
END_TEST

START_TEST(line_of_a_function)
{
	char file[256];
	uint32_t line;

	compile("int f(int a)\n{ return a; }\nint g(int a)\n{ return a; }\n", orig);
	ck_assert_int_eq(function_line(orig, "g.isra.0", file, sizeof(file), &line), 0);
	ck_assert_uint_eq(line, 3);
	ck_assert_int_lt(function_line(orig, "absent", file, sizeof(file), &line), 0);
	ck_assert_uint_eq(line, 0);
}
END_TEST

START_TEST(paths_are_the_trees)
{
	char out[64];

	dwarf_tree_path("/tmp/klp/patched/include/net/sock.h", out, sizeof(out));
	ck_assert_str_eq(out, "include/net/sock.h");
	dwarf_tree_path("/var/cache/x/src/fs/isofs/rock.c", out, sizeof(out));
	ck_assert_str_eq(out, "fs/isofs/rock.c");
	dwarf_tree_path("drivers/net/geneve.c", out, sizeof(out));
	ck_assert_str_eq(out, "drivers/net/geneve.c");
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("types");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, member_in_a_hole);
	tcase_add_test(t, member_that_moves);
	tcase_add_test(t, member_that_changes_type);
	tcase_add_test(t, removed_member);
	tcase_add_test(t, culprit_not_its_container);
	tcase_add_test(t, function_pointer_in_ops);
	tcase_add_test(t, harmless_ones);
	tcase_add_test(t, enumerators);
	tcase_add_test(t, enumerators_of_an_anonymous_enum);
	tcase_add_test(t, signature_of_what_others_call);
	tcase_add_test(t, line_of_a_function);
	tcase_add_test(t, paths_are_the_trees);
	return fixture_run("types", t);
}
