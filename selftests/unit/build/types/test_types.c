// SPDX-License-Identifier: GPL-2.0-or-later
/* Types, enumerators and signatures: compiled on the spot, compared by DWARF. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report_data.h"
#include "fixture.h"
#include "object/debuginfo.h"
#include "types/types.h"

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
	ck_assert_msg(!types_compare(&build, true, &err), "%s", err.text);
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

/* What has no name of its own, or one in a function alone, is found by the variable that holds it. */
static const struct {
	const char *a, *b, *name, *why;	/* NULL: not refused */
	enum refusal reason;
} nameless[] = {
	{ "static struct { int a, b; } v; int f(void) { return v.a++ + v.b; }",
	  "static struct { int b, a; } v; int f(void) { return v.a++ + v.b; }", "v", "member a moves", REFUSE_STRUCT },
	{ "static struct { char a; int b; } v[4]; int f(int i) { return v[i].a++ + v[i].b; }",
	  "static struct { char a, c; int b; } v[4]; int f(int i) { return v[i].a++ + v[i].b; }", "v", "new member c", REFUSE_STRUCT },
	{ "struct { int a, b; } *v; int f(void) { return v->a++ + v->b; }",
	  "struct { int b, a; } *v; int f(void) { return v->a++ + v->b; }", "v", "member a moves", REFUSE_STRUCT },
	{ "struct { struct { int a, b; } in; } v; int f(void) { return v.in.a++ + v.in.b; }",
	  "struct { struct { int b, a; } in; } v; int f(void) { return v.in.a++ + v.in.b; }", "v", "member in at offset 0 changes type", REFUSE_STRUCT },
	{ "union { int a; char c[4]; } v; int f(void) { return v.a++ + v.c[0]; }",
	  "struct { char c[4]; } v; int f(void) { return v.c[0]++; }", "v", "member a at offset 0 is removed", REFUSE_STRUCT },
	{ "struct s { int a, b; }; static struct s v; int f(void) { return v.a++ + v.b; }",
	  "struct t { int b, a; }; static struct t v; int f(void) { return v.a++ + v.b; }", "v", "member a moves", REFUSE_STRUCT },
	{ "int f(void) { static struct { int a, b; } v; return v.a++ + v.b; }",
	  "int f(void) { static struct { int b, a; } v; return v.a++ + v.b; }", "v", "member a moves", REFUSE_STRUCT },
	{ "int f(int i) { if (i) { struct s { int a, b; }; static struct s v; return v.a++ + v.b; } return 0; }",
	  "int f(int i) { if (i) { struct s { int b, a; }; static struct s v; return v.a++ + v.b; } return 0; }",
	  "struct s", "member a moves", REFUSE_STRUCT },
	{ "int f(void *x) { struct s { int a, b; }; struct w { struct s *p; }; static struct w v; if (x) v.p = x; return v.p->a++ + v.p->b; }",
	  "int f(void *x) { struct s { int b, a; }; struct w { struct s *p; }; static struct w v; if (x) v.p = x; return v.p->a++ + v.p->b; }",
	  "struct s", "member a moves", REFUSE_STRUCT },
	{ "int f(int i) { static enum { A, B } v; if (i) v = B; return v == A; }",
	  "int f(int i) { static enum { A = 2, B = 1 } v; if (i) v = B; return v == A; }", "enum A", "from 0 to 2", REFUSE_ENUM },
	{ "int f(int i) { enum e { A, B }; static struct { enum e e; } v; if (i) v.e = B; return v.e == A; }",
	  "int f(int i) { enum e { B, A }; static struct { enum e e; } v; if (i) v.e = B; return v.e == A; }",
	  "enum e", "from 0 to 1", REFUSE_ENUM },
	/* Gone with the call; the same; another function's. */
	{ "int g(void *); int f(void) { struct s { int a, b; } v = { 1, 2 }; return g(&v); }",
	  "int g(void *); int f(void) { struct s { int b, a; } v = { 1, 2 }; return g(&v); }", NULL, NULL, REFUSE_OTHER },
	{ "static struct { int a; } v; int f(void) { return v.a++; }",
	  "static struct { int a; } v; int f(void) { return v.a += 2; }", NULL, NULL, REFUSE_OTHER },
	{ "int f(void) { static struct { int a, b; } v; return v.a++ + v.b; }",
	  "int f(void) { static struct { int a, b; } v; return v.a++ + v.b; } int g(void) { static struct { int b, a; } v; return v.a++ + v.b; }",
	  NULL, NULL, REFUSE_OTHER },
	{ "struct s { int a; }; static struct s v; int f(void) { return v.a++; }",
	  "struct t { int a; }; static struct t v; int f(void) { return v.a++; }", NULL, NULL, REFUSE_OTHER },
	{ "struct s { int a; struct s *next; }; struct s *v; int f(void) { return v->a++; }",
	  "struct s { int a; struct s *next; }; struct s *v; int f(void) { return v->next->a++; }", NULL, NULL, REFUSE_OTHER },
};

START_TEST(types_without_a_name_of_their_own)
{
	ck_assert_uint_eq(compare(nameless[_i].a, nameless[_i].b), !!nameless[_i].name);
	if (nameless[_i].name)
		ck_assert(refused(nameless[_i].reason, nameless[_i].name, nameless[_i].why));
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
	tcase_add_loop_test(t, types_without_a_name_of_their_own, 0, sizeof(nameless) / sizeof(nameless[0]));
	tcase_add_test(t, enumerators_of_an_anonymous_enum);
	tcase_add_test(t, signature_of_what_others_call);
	tcase_add_test(t, line_of_a_function);
	tcase_add_test(t, paths_are_the_trees);
	return fixture_run("types", t);
}
