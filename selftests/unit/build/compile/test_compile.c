// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_compile.c - the patched tree beside the pristine one, and each unit
 * compiled in both by a real compiler, with its second chances.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report_data.h"
#include "base/text.h"
#include "compile/compile.h"
#include "fix/overlay.h"
#include "fixture.h"
#include "select/select.h"
#include "treefix.h"

static struct treefix f;

static void setup(void)
{
	tree_setup(&f);
}

static void teardown(void)
{
	tree_teardown(&f);
}

static void has(const char *path, const char *want)
{
	char *got = tree_read(&f, path);

	ck_assert_msg(got && !strcmp(got, want), "%s: %s, not %s", path, got ? got : "(none)", want);
	free(got);
}

static bool is_link(const char *path)
{
	char *full = fixture_path(f.folder, path);
	struct stat st;
	int ret = lstat(full, &st);

	free(full);
	return !ret && S_ISLNK(st.st_mode);
}

/* ---- the overlay ---- */

START_TEST(links_but_for_what_changes)
{
	tree_file(&f, "src/a/b/x.h", "old\n");
	tree_file(&f, "src/a/b/beside.h", "same\n");
	tree_file(&f, "src/a/c/y.h", "same\n");
	tree_change(&f, "a/b/x.h", "new\n");
	tree_overlay(&f);
	has("work/patched/a/b/x.h", "new\n");
	has("src/a/b/x.h", "old\n");
	ck_assert(!is_link("work/patched/a") && !is_link("work/patched/a/b") && !is_link("work/patched/a/b/x.h"));
	ck_assert(is_link("work/patched/a/b/beside.h") && is_link("work/patched/a/c"));
	has("work/patched/a/c/y.h", "same\n");
}
END_TEST

START_TEST(new_and_removed_files)
{
	tree_file(&f, "src/a/gone.h", "old\n");
	tree_file(&f, "src/a/y.h", "same\n");
	tree_change(&f, "a/new.h", "new\n");
	tree_change(&f, "fresh/dir/new.h", "new\n");
	text_addf(&f.diff, "--- a/a/gone.h\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n");
	tree_overlay(&f);
	has("work/patched/a/new.h", "new\n");
	has("work/patched/fresh/dir/new.h", "new\n");
	ck_assert_ptr_null(tree_read(&f, "work/patched/a/gone.h"));
	ck_assert_ptr_null(tree_read(&f, "src/a/new.h"));
	has("src/a/gone.h", "old\n");
}
END_TEST

START_TEST(a_folder_on_demand)
{
	tree_file(&f, "src/a/b/x.c", "x\n");
	tree_file(&f, "src/a/y.h", "y\n");
	tree_overlay(&f);
	ck_assert(is_link("work/patched/a"));
	ck_assert_int_eq(overlay_real_dir(&f.b, "a/b", &f.err), 0);
	ck_assert(!is_link("work/patched/a") && !is_link("work/patched/a/b"));
	ck_assert(is_link("work/patched/a/b/x.c") && is_link("work/patched/a/y.h"));
	ck_assert_int_eq(overlay_real_dir(&f.b, "a/b", &f.err), 0);
	ck_assert_int_eq(overlay_real_dir(&f.b, "", &f.err), 0);
}
END_TEST

START_TEST(a_fix_for_another_source)
{
	text_addf(&f.diff, "--- a/a/none.h\n+++ b/a/none.h\n@@ -1 +1 @@\n-old\n+new\n");
	tree_file(&f, "src/a/y.h", "y\n");
	tree_load(&f);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
	ck_assert_ptr_nonnull(strstr(report_refusal_of(f.b.report, "a/none.h"), "no file of that name"));
}
END_TEST

START_TEST(a_hunk_that_doesnt_apply)
{
	tree_file(&f, "src/a/x.h", "one\ntwo\nthree\n");
	text_addf(&f.diff, "--- a/a/x.h\n+++ b/a/x.h\n@@ -1,3 +1,3 @@\n one\n-other\n+new\n three\n");
	tree_load(&f);
	ck_assert_msg(!overlay_create(&f.b, &f.err), "%s", f.err.text);
	ck_assert_ptr_nonnull(strstr(report_refusal_of(f.b.report, "a/x.h"), "line 2 should be \"other\""));
}
END_TEST

START_TEST(lines_are_renumbered_and_back)
{
	static const char changed[] = "int a;\nint n;\nint m;\nint b;\nint c;\n";

	tree_unit(&f, "a/x.c", "", "int a;\nint b;\nint c;\n");
	tree_change(&f, "a/x.c", changed);
	tree_overlay(&f);
	has("work/patched/a/x.c", "int a;\nint n;\nint m;\n#line 2\nint b;\nint c;\n");
	ck_assert_int_eq(overlay_line_markers(&f.b, false, &f.err), 0);
	has("work/patched/a/x.c", changed);
	ck_assert_int_eq(overlay_line_markers(&f.b, false, &f.err), 0);
	has("work/patched/a/x.c", changed);
}
END_TEST

/* ---- compiling ---- */

static int compile(void)
{
	tree_select(&f);
	return units_compile(&f.b, &f.err);
}

#define must_compile()	ck_assert_msg(!compile(), "%s", f.err.text)

START_TEST(only_units_that_differ_stay)
{
	tree_file(&f, "src/include/h.h", "static inline int get(void) { return 1; }\n");
	tree_unit(&f, "a/uses.c", "", "#include <h.h>\nint f(void) { return get(); }\n");
	tree_unit(&f, "a/names.c", "", "#include <h.h>\nint g(void) { return sizeof(get()); }\n");
	tree_change(&f, "include/h.h", "static inline int get(void) { return 2; }\n");
	tree_overlay(&f);
	must_compile();
	ck_assert_uint_eq(f.b.nr_units, 1);
	ck_assert_str_eq(f.b.units[0].source, "a/uses.c");
	ck_assert_str_eq(f.b.units[0].object, "vmlinux");
	ck_assert_ptr_nonnull(elf_section(f.b.units[0].orig, ".text.f"));
	/* With -v, all commands; each unit twice. */
	ck_assert_ptr_nonnull(strstr(tree_said(&f), "/src/a/names.c"));
	ck_assert_ptr_nonnull(strstr(tree_said(&f), "/work/patched/a/names.c"));
}
END_TEST

START_TEST(no_path_in_an_object)
{
	tree_unit(&f, "a/x.c", "", "const char *f(void) { return __FILE__; }\n");
	tree_change(&f, "a/x.c", "const char *f(void) { return 1 + __FILE__; }\n");
	tree_overlay(&f);
	must_compile();
	ck_assert_uint_eq(f.b.nr_units, 1);
	ck_assert_ptr_null(memmem(f.b.units[0].orig->data, f.b.units[0].orig->len, f.folder, strlen(f.folder)));
	ck_assert_ptr_null(memmem(f.b.units[0].patched->data, f.b.units[0].patched->len, f.folder,
				  strlen(f.folder)));
	ck_assert_ptr_nonnull(memmem(f.b.units[0].patched->data, f.b.units[0].patched->len, "a/x.c", 6));
}
END_TEST

START_TEST(a_generated_header_is_made)
{
	/* Stands for kbuild: makes what the object needs, and the object. */
	tree_file(&f, "src/Makefile", "a/x.o:\n\techo '#define MADE $(KERNELRELEASE)' > $(O)/a.gen.h\n");
	/* Whatever the compiler's words are. */
	tree_unit(&f, "a/x.c", _i ? "-fdiagnostics-format=json" : "", "#include <../a.gen.h>\nint f(void) { return sizeof(\"MADE\"); }\n");
	tree_file(&f, "obj/include/x", "");
	tree_change(&f, "a/x.c", "#include <../a.gen.h>\nint f(void) { return 1 + sizeof(\"MADE\"); }\n");
	tree_overlay(&f);
	must_compile();
	ck_assert_uint_eq(f.b.nr_units, 1);
	has("obj/a.gen.h", "#define MADE 6.1.0-test\n");
	ck_assert_ptr_nonnull(strstr(tree_said(&f), "making what a/x.c includes"));
}
END_TEST

START_TEST(a_generated_header_that_cant_be_made)
{
	tree_file(&f, "src/Makefile", "a/x.o:\n\t@echo no rule for that >&2; false\n");
	tree_unit(&f, "a/x.c", "", "#include <a.gen.h>\nint f(void) { return 1; }\n");
	tree_change(&f, "a/x.c", "#include <a.gen.h>\nint f(void) { return 2; }\n");
	tree_overlay(&f);
	ck_assert_int_eq(compile(), -ECHILD);
	ck_assert_ptr_nonnull(strstr(f.err.text, "no rule for that"));
}
END_TEST

#define IN_A_MACRO(lines)						\
	"#define PASS(x) x\nint g(int);\nint f(int a)\n{\n\tPASS(__extension__ ({\n"	\
	"\t\tg(1);\n" lines "\t\tg(3);\n\t}));\n\treturn __LINE__;\n}\n"

START_TEST(without_line_directives_where_they_harm)
{
	/* A "#line" in a macro's argument is not portable; this compiler is told to mind. */
	tree_unit(&f, "a/x.c", "-pedantic-errors", IN_A_MACRO(""));
	tree_change(&f, "a/x.c", IN_A_MACRO("\t\tg(2);\n"));
	tree_overlay(&f);
	must_compile();
	ck_assert_uint_eq(f.b.nr_units, 1);
	has("work/patched/a/x.c", IN_A_MACRO("\t\tg(2);\n"));
}
END_TEST

START_TEST(the_compilers_own_words)
{
	tree_unit(&f, "a/x.c", "", "int f(void) { return 1; }\n");
	tree_change(&f, "a/x.c", "int f(void) { return nowhere; }\n");
	tree_overlay(&f);
	ck_assert_int_eq(compile(), -ECHILD);
	ck_assert_ptr_nonnull(strstr(f.err.text, "cannot compile a/x.c:\n"));
	ck_assert_ptr_nonnull(strstr(f.err.text, "'nowhere' undeclared") ?:
			      strstr(f.err.text, "‘nowhere’ undeclared"));
}
END_TEST

START_TEST(a_compiler_that_says_nothing)
{
	tree_unit(&f, "a/x.c", "", "int f(void) { return 1; }\n");
	tree_change(&f, "a/x.c", "int f(void) { return 2; }\n");
	tree_overlay(&f);
	memcpy((char *)target_command(f.target, "a/x.o"), "false; ", 7);
	ck_assert_int_eq(compile(), -ECHILD);
	ck_assert_ptr_nonnull(strstr(f.err.text, "the command was: false"));
}
END_TEST

/* Each that isn't compiled is named, and the units are as they were. */
START_TEST(a_try_of_the_fixs_own_units)
{
	json_t *names;

	tree_unit(&f, "a/good.c", "", "int f(void) { return 1; }\n");
	tree_unit(&f, "a/bad.c", "", "int g(void) { return 1; }\n");
	tree_unit(&f, "a/worse.c", "", "int h(void) { return 1; }\n");
	tree_change(&f, "a/good.c", "int f(void) { return 2; }\n");
	tree_change(&f, "a/bad.c", "int g(void) { return of_another_change; }\n");
	tree_change(&f, "a/worse.c", "int h(struct other *o) { return o->member; }\n");
	tree_overlay(&f);
	tree_select(&f);
	ck_assert_int_eq(units_try(&f.b, &f.err), -ECHILD);
	names = json_object_get(f.b.report->json, "not_compiled");
	ck_assert_uint_eq(json_array_size(names), 2);
	ck_assert_str_eq(json_string_value(json_array_get(names, 0)), "a/bad.c");
	ck_assert_str_eq(json_string_value(json_array_get(names, 1)), "a/worse.c");
	ck_assert_uint_eq(f.b.nr_units, 3);
	ck_assert_ptr_null(f.b.units[0].patched_path);
}
END_TEST

START_TEST(many_units_stop_at_a_refusal)
{
	static const char head[] = "struct box { int a; };\n", changed[] = "struct box { long n; int a; };\n";
	char path[32];

	tree_file(&f, "src/include/h.h", head);
	for (int i = 0; i < 70; i++) {
		snprintf(path, sizeof(path), "a/x%02d.c", i);
		tree_unit(&f, path, "", "#include <h.h>\nint f(struct box *b) { return b->a; }\n");
	}
	tree_change(&f, "include/h.h", changed);
	tree_overlay(&f);
	must_compile();
	ck_assert_uint_ge(report_nr_refusals(f.b.report), 1);
	ck_assert_uint_lt(f.b.nr_units, 70);
	ck_assert_ptr_null(strstr(tree_said(&f), "/src/a/x69.c"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("compile");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, links_but_for_what_changes);
	tcase_add_test(tc, new_and_removed_files);
	tcase_add_test(tc, a_folder_on_demand);
	tcase_add_test(tc, a_fix_for_another_source);
	tcase_add_test(tc, a_hunk_that_doesnt_apply);
	tcase_add_test(tc, lines_are_renumbered_and_back);
	tcase_add_test(tc, only_units_that_differ_stay);
	tcase_add_test(tc, no_path_in_an_object);
	tcase_add_loop_test(tc, a_generated_header_is_made, 0, 2);
	tcase_add_test(tc, a_generated_header_that_cant_be_made);
	tcase_add_test(tc, without_line_directives_where_they_harm);
	tcase_add_test(tc, the_compilers_own_words);
	tcase_add_test(tc, a_compiler_that_says_nothing);
	tcase_add_test(tc, a_try_of_the_fixs_own_units);
	tcase_add_test(tc, many_units_stop_at_a_refusal);
	return fixture_run("compile", tc);
}
