// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_layout.c - a struct that changes in its declaration alone: who only uses
 * it isn't compiled, if it kept its layout, and only then.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/report_data.h"
#include "base/text.h"
#include "compile/compile.h"
#include "fixture.h"
#include "select/layout.h"
#include "select/select.h"
#include "treefix.h"

static struct treefix f;

static void setup(void)
{
	tree_setup(&f);
}

static void teardown(void)
{
	layouts_free(f.b.layouts);
	free(f.b.layouts);
	tree_teardown(&f);
}

#define USERS	6	/* more than the first batch */

/* include/h.h; a/fix.c, which the fix changes; u/0.c..., which use the struct. */
static void make_tree(const char *header)
{
	tree_file(&f, "src/include/h.h", header);
	tree_unit(&f, "a/fix.c", "", "#include <h.h>\nint fix(struct box *b) { return b->size; }\n");
	for (char i = '0'; i < '0' + USERS; i++) {
		char *path = format("u/%c.c", i);
		char *text = format("#include <h.h>\nint u%c(struct box *b) { return b->size / %c; }\n", i, '1' + i - '0');

		tree_unit(&f, path, "", text);
		free(text);
		free(path);
	}
	tree_unit(&f, "u/get.c", "", "#include <h.h>\nint g(struct box *b) { return get(b); }\n");
}

static bool is_compiled(const char *path)
{
	char *both = format("/work/patched/%s", path);
	bool is = strstr(tree_said(&f), both);

	free(both);
	return is;
}

static size_t users_compiled(void)
{
	size_t n = 0;

	for (char i = '0'; i < '0' + USERS; i++) {
		char *path = format("u/%c.c", i);

		n += is_compiled(path);
		free(path);
	}
	return n;
}

static void build(const char *header, bool fix)
{
	tree_change(&f, "include/h.h", header);
	if (fix)
		tree_change(&f, "a/fix.c", "#include <h.h>\nint fix(struct box *b) { return b->size + 1; }\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_msg(!units_compile(&f.b, &f.err), "%s", f.err.text);
}

#define GET	"static inline int get(struct box *b) { return b->size; }\n"
#define OLD	"struct box {\n\tint top;\n\tint size;\n};\n"
#define ALIAS	"struct box {\n\tint top;\n\tunion {\n\t\tint size;\n\t\tint length;\n\t};\n};\n"

START_TEST(one_more_name)
{
	make_tree(OLD GET);
	build(ALIAS GET, true);
	ck_assert_uint_eq(users_compiled(), 0);
	ck_assert(!is_compiled("u/get.c"));
	ck_assert(is_compiled("a/fix.c"));
	ck_assert_uint_eq(f.b.nr_units, 1);
	ck_assert_ptr_nonnull(strstr(tree_said(&f), "struct box keeps its layout: 7 units"));
}
END_TEST

/* Macros between the members stay as they are; #if by the configuration. */
START_TEST(between_other_things)
{
	make_tree("struct box {\n\tint top;\n#define BOX_A 1\n\tint size;\n#ifdef CONFIG_Y\n\tint y;\n#endif\n};\n" GET);
	build("struct box {\n\tint top;\n#define BOX_A 1\n\tunion {\n\t\tint size; /* why, and how */\n\t\tint length;\n\t};\n"
	      "#ifdef CONFIG_Y\n\tint y;\n#endif\n};\n" GET, true);
	ck_assert_uint_eq(users_compiled(), 0);
	ck_assert_uint_eq(f.b.nr_units, 1);
}
END_TEST

START_TEST(what_else_changes_in_the_header)
{
	make_tree(OLD GET);
	build(ALIAS "static inline int get(struct box *b) { return b->length + 1; }\n", true);
	ck_assert_uint_eq(users_compiled(), 0);
	ck_assert(is_compiled("u/get.c"));
	ck_assert_uint_eq(f.b.nr_units, 2);
}
END_TEST

START_TEST(no_unit_of_the_fix_itself)
{
	make_tree(OLD GET);
	build(ALIAS GET, false);
	ck_assert_uint_ge(users_compiled(), 1);
	ck_assert_uint_le(users_compiled(), 4);
}
END_TEST

/* What any user may have been compiled to otherwise: all of them are. */
static const struct {
	const char *old, *new;
} others[] = {
	{ OLD, "struct box {\n\tint top;\n\tunsigned int size;\n};\n" },
	{ OLD, "struct box {\n\tint top;\n\tvolatile int size;\n};\n" },
	{ OLD, "struct box {\n\tint top;\n\tunion {\n\t\tint size;\n\t\tunsigned int length;\n\t};\n};\n" },
	{ OLD, "struct box {\n\tint top;\n\tunion {\n\t\tint size;\n\t\tint length;\n\t};\n} __attribute__((packed));\n" },
	{ "#define TIGHT __attribute__((packed))\n" OLD,
	  "#define TIGHT __attribute__((packed))\nstruct box {\n\tint top;\n\tTIGHT int size;\n};\n" },
	/* It needn't be the same in all units. */
	{ "struct box {\n\tint top;\n\tint size;\n#ifdef LOCAL\n\tint more;\n#endif\n};\n",
	  "struct box {\n\tint top;\n\tunion { int size; int length; };\n#ifdef LOCAL\n\tint more;\n#endif\n};\n" },
	{ "#ifdef LOCAL\nstruct box { long size; };\n#else\n" OLD "#endif\n",
	  "#ifdef LOCAL\nstruct box { long size; };\n#else\n" ALIAS "#endif\n" },
	/* It declares something besides. */
	{ "struct box {\n\tint top;\n#define FIRST 1\n\tint size;\n};\n",
	  "struct box {\n\tint top;\n#define FIRST 2\n\tint size;\n};\n" },
	{ "struct box {\n\tenum { A = 1 } top;\n\tint size;\n};\n", "struct box {\n\tenum { A = 2 } top;\n\tint size;\n};\n" },
	{ "struct box {\n\tstruct in { int a; } top;\n\tint size;\n};\n",
	  "struct box {\n\tstruct in { unsigned int a; } top;\n\tint size;\n};\n" },
};

START_TEST(what_only_the_objects_tell)
{
	char *old = format("%s%s", others[_i].old, GET), *new = format("%s%s", others[_i].new, GET);

	make_tree(old);
	build(new, true);
	ck_assert_ptr_null(strstr(tree_said(&f), "keeps its layout"));
	/* Unless it is refused for what the fix's own unit shows. */
	if (!report_nr_refusals(f.b.report)) {
		ck_assert_uint_eq(users_compiled(), USERS);
		ck_assert(is_compiled("u/get.c"));
	}
	free(new);
	free(old);
}
END_TEST

/* A member of the struct is another struct, whose own change can't be judged so. */
START_TEST(through_another_change)
{
	make_tree("#define N 1\n" "struct box {\n\tint top[N];\n\tint size;\n};\n" GET);
	build("#define N 2\n" "struct box {\n\tint top[N];\n\tunion { int size; int length; };\n};\n" GET, true);
	/* Refused at once, since all that use N are certain. */
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
	ck_assert_ptr_null(strstr(tree_said(&f), "keeps its layout"));
}
END_TEST

START_TEST(a_limit_of_units)
{
	f.b.max_units = 3;
	make_tree(OLD GET);
	build(_i ? "struct box {\n\tint top;\n\tunsigned int size;\n};\n" GET : ALIAS GET, true);
	ck_assert_uint_eq(users_compiled(), 0);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), _i);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("layout");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_more_name);
	tcase_add_test(tc, between_other_things);
	tcase_add_test(tc, what_else_changes_in_the_header);
	tcase_add_test(tc, no_unit_of_the_fix_itself);
	tcase_add_loop_test(tc, what_only_the_objects_tell, 0, sizeof(others) / sizeof(others[0]));
	tcase_add_test(tc, through_another_change);
	tcase_add_loop_test(tc, a_limit_of_units, 0, 2);
	return fixture_run("layout", tc);
}
