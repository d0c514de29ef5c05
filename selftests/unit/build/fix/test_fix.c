// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_fix.c - what a build is asked to change: diffs, recipes, the choice of
 * hunks, line markers, compile commands.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/report.h"
#include "err.h"
#include "fix/cscan.h"
#include "fix/fix.h"
#include "fix/overlay.h"
#include "fixture.h"
#include "target/dryrun.h"
#include "target/prepare.h"
#include "target/target.h"

static struct klp_err err;

/* ---- diffs ---- */

static const char diff[] =
	"From: somebody\n"
	"\n"
	"--- a/net/core/sock_map.c\t2026-01-01\n"
	"+++ b/net/core/sock_map.c\t2026-01-02\n"
	"@@ -1 +1 @@\n"
	"-a\n"
	"+b\n"
	"--- /dev/null\n"
	"+++ b/net/core/new.c\n"
	"@@ -0,0 +1 @@\n"
	"+int x;\n"
	"--- a/net/core/old.c\n"
	"+++ /dev/null\n"
	"@@ -1 +0,0 @@\n"
	"-int y;\n";

START_TEST(diff_files)
{
	struct fix_file *f;
	size_t nr;

	ck_assert_msg(!fix_parse_files(diff, &f, &nr, &err), "%s", err.text);
	ck_assert_uint_eq(nr, 3);
	ck_assert_str_eq(f[0].path, "net/core/sock_map.c");
	ck_assert(!f[0].created && !f[0].deleted);
	ck_assert_str_eq(f[1].path, "net/core/new.c");
	ck_assert(f[1].created && !f[1].deleted);
	ck_assert_str_eq(f[2].path, "net/core/old.c");
	ck_assert(!f[2].created && f[2].deleted);
	fix_files_free(f, nr);
}
END_TEST

/* ---- recipes ---- */

static const char recipe[] =
	"# what it is\n"
	"name: sock-map\n"
	"summary: net: check the size\n"
	"cve: CVE-2026-1, CVE-2026-2\n"
	"source: linux-source-6.1 6.1.187-1\n"
	"source: linux-source-6.12 6.12.100-1\n"
	"file: net/core/sock_map.c\n"
	"functions: sock_map_alloc, sock_map_free\n"
	"also: #include <linux/limits.h>\n"
	"file: include/net/sock.h\n";

/* What a patch by mail or by git has besides changed lines. */
START_TEST(diff_with_other_words)
{
	struct fix_file *f;
	size_t nr;

	ck_assert_msg(!fix_parse_files("rename from here to there: a commit's own words\n"
				       "--- a/x.c.orig\t2026-01-01\n+++ b/x.c\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39\n",
				       &f, &nr, &err), "%s", err.text);
	ck_assert_uint_eq(nr, 1);
	ck_assert_str_eq(f[0].path, "x.c");
	fix_files_free(f, nr);
}
END_TEST

START_TEST(recipe_whole)
{
	struct recipe r;

	ck_assert_msg(!recipe_parse(recipe, "recipe", &r, &err), "%s", err.text);
	ck_assert_str_eq(r.name, "sock-map");
	ck_assert_str_eq(r.summary, "net: check the size");
	ck_assert_uint_eq(r.cves.nr, 2);
	ck_assert_str_eq(r.cves.list[1], "CVE-2026-2");
	ck_assert_uint_eq(r.nr_sources, 2);
	ck_assert_str_eq(r.sources[1].package, "linux-source-6.12");
	ck_assert_str_eq(r.sources[1].version, "6.12.100-1");
	ck_assert_uint_eq(r.nr_files, 2);
	ck_assert_uint_eq(r.files[0].functions.nr, 2);
	ck_assert_str_eq(r.files[0].functions.list[1], "sock_map_free");
	ck_assert_str_eq(r.files[0].also.list[0], "#include <linux/limits.h>");
	ck_assert_str_eq(r.files[1].path, "include/net/sock.h");
	ck_assert_uint_eq(r.files[1].functions.nr, 0);
	recipe_free(&r);
}
END_TEST

/* The message must name the line. */
static void refuse_recipe(const char *text, const char *where)
{
	struct recipe r;

	ck_assert_int_eq(recipe_parse(text, "recipe", &r, &err), -EBADMSG);
	ck_assert_msg(strstr(err.text, where), "\"%s\" isn't in \"%s\"", where, err.text);
}

START_TEST(recipe_errors)
{
	refuse_recipe("name: a\nname: b\n", "recipe:2: \"name\" is there twice");
	refuse_recipe("nmae: a\n", "recipe:1: \"nmae\" isn't a key");
	refuse_recipe("name: a\nfunctions: f\n", "recipe:2: \"functions\" needs a \"file:\"");
	refuse_recipe("file: ../x\n", "recipe:1: \"file\" has a bad value");
	refuse_recipe("file: /x\n", "recipe:1: \"file\" has a bad value");
	refuse_recipe("source: linux-source-6.1\n", "recipe:1: \"source\" has a bad value");
	refuse_recipe("source: bash 5\n", "recipe:1: \"source\" has a bad value");
	refuse_recipe("name:\n", "recipe:1: \"name\" has a bad value");
	refuse_recipe("hello\n", "recipe:1: \"hello\" isn't \"key: value\"");
	refuse_recipe("name: a\nsource: linux-source-6.1 1\n", "no \"file:\"");
}
END_TEST

/* ---- hunks ---- */

static const char base[] =
	"#include <a.h>\n"
	"\n"
	"static int first(int x)\n"
	"{\n"
	"	if (x)\n"
	"		return 1;\n"
	"	return 0;\n"
	"}\n"
	"\n"
	"SYSCALL_DEFINE2(second, int, a, int, b)\n"
	"{\n"
	"	return a + b;\n"
	"}\n"
	"\n"
	"static int third(void)\n"
	"{\n"
	"	return 3;\n"
	"}\n";

static const char fixed[] =
	"#include <a.h>\n"
	"#include <b.h>\n"
	"\n"
	"static int first(int x)\n"
	"{\n"
	"	if (x > 0)\n"
	"		return 1;\n"
	"	return 0;\n"
	"}\n"
	"\n"
	"SYSCALL_DEFINE2(second, int, a, int, b)\n"
	"{\n"
	"	if (a < 0)\n"
	"		return -1;\n"
	"	return a + b;\n"
	"}\n"
	"\n"
	"static int third(void)\n"
	"{\n"
	"	return 33;\n"
	"}\n";

static int choose(const char *functions, const char *also, char **out)
{
	struct recipe_file want = { .path = (char *)"x.c" };
	int ret;

	if (functions)
		strings_add(&want.functions, functions);
	if (also)
		strings_add(&want.also, also);
	ret = hunks_select(base, fixed, &want, out, &err);
	strings_free(&want.functions);
	strings_free(&want.also);
	return ret;
}

START_TEST(hunks_of_a_function)
{
	char *out;

	ck_assert_msg(!choose("first", NULL, &out), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(out, "if (x > 0)"));
	ck_assert_ptr_null(strstr(out, "if (a < 0)"));
	ck_assert_ptr_null(strstr(out, "33"));
	ck_assert_ptr_null(strstr(out, "b.h"));
	ck_assert_uint_eq(strlen(out), strlen(base) + strlen(" > 0"));
	free(out);
}
END_TEST

START_TEST(hunks_of_a_syscall)
{
	char *out;

	ck_assert_msg(!choose("second", "b.h", &out), "%s", err.text);
	ck_assert_ptr_nonnull(strstr(out, "if (a < 0)"));
	ck_assert_ptr_nonnull(strstr(out, "b.h"));
	ck_assert_ptr_null(strstr(out, "if (x > 0)"));
	free(out);
}
END_TEST

START_TEST(hunks_of_no_function)
{
	char *out;

	ck_assert_int_eq(choose("fourth", NULL, &out), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "no function fourth"));
}
END_TEST

START_TEST(hunks_that_reach_over)
{
	struct recipe_file want = { .path = (char *)"x.c" };
	char *out;

	strings_add(&want.functions, "one");
	ck_assert_int_eq(hunks_select("int one(void)\n{\n\treturn 1;\n}\nint two(void)\n{\n\treturn 2;\n}\n",
				      "int one(void)\n{\n\treturn 5;\n}\nint six(void)\n{\n\treturn 6;\n}\n",
				      &want, &out, &err), 0);
	free(out);
	ck_assert_int_eq(hunks_select("int one(void)\n{\n\treturn 1;\n}\nint two(void)\n{\n\treturn 2;\n}\n",
				      "int one(void) { return 5; }\nint six(void) { return 6; }\n",
				      &want, &out, &err), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "reaches from a named function"));
	strings_free(&want.functions);
}
END_TEST

START_TEST(lines_that_differ)
{
	struct hunk *h;
	size_t nr;

	line_diff("a\nb\nc\nd\n", "a\nx\ny\nc\nd\nz\n", &h, &nr);
	ck_assert_uint_eq(nr, 2);
	ck_assert_uint_eq(h[0].old, 1);
	ck_assert_uint_eq(h[0].old_nr, 1);
	ck_assert_uint_eq(h[0].new, 1);
	ck_assert_uint_eq(h[0].new_nr, 2);
	ck_assert_uint_eq(h[1].old, 4);
	ck_assert_uint_eq(h[1].old_nr, 0);
	ck_assert_uint_eq(h[1].new_nr, 1);
	free(h);
	line_diff("a\nb\n", "a\nb\n", &h, &nr);
	ck_assert_uint_eq(nr, 0);
	free(h);
	line_diff("", "a\n", &h, &nr);
	ck_assert_uint_eq(nr, 1);
	free(h);
}
END_TEST

START_TEST(pieces_of_c)
{
	static const char text[] =
		"#define TWO(a, b) \\\n"
		"	((a) + (b))\n"
		"#ifdef X\n"
		"int f(int a) {\n"
		"#else\n"
		"int f(long a) {\n"
		"#endif\n"
		"	return '}' + \"{\"[0]; /* } */\n"
		"}\n"
		"static const struct ops o = { .f = f, };\n"
		"struct s {\n"
		"	int (*call)(void);\n"
		"};\n"
		"static int g(void) __acquires(lock)\n"
		"{\n"
		"	return 0;\n"
		"}\n";
	struct c_declaration *p;
	size_t nr;

	c_scan(text, strlen(text), &p, &nr);
	ck_assert_uint_eq(nr, 5);
	ck_assert(p[0].macro && p[0].line == 1 && p[0].end_line == 2);
	ck_assert(c_defines(text, &p[1], "f"));
	ck_assert_uint_eq(p[1].end_line, 9);
	ck_assert_uint_eq(p[2].body, 0);
	ck_assert_uint_eq(p[3].body, 0);
	ck_assert_uint_eq(p[3].line, 11);
	ck_assert_uint_eq(p[3].end_line, 13);
	ck_assert(c_defines(text, &p[4], "g"));
	ck_assert(!c_defines(text, &p[4], "f"));
	free(p);
}
END_TEST

START_TEST(invocations_without_a_semicolon)
{
	static const char text[] =
		"DEFINE_FREE(put, int, if (_T) put(_T))\n"
		"\n"
		"/* why */\n"
		"static inline int f(int a) { return a; }\n"
		"LIST_OF(a)\n"
		"LIST_OF(b)\n"
		"int x;\n"
		"#ifdef X\n"
		"CALL_DEFINE1(name, int, a)\n"
		"#else\n"
		"CALL_DEFINE1(name, int, b)\n"
		"#endif\n"
		"{\n"
		"}\n"
		"CALL_DEFINE1(other, int, a)\n"
		"__releases(lock)\n"
		"{\n"
		"}\n"
		"NAME_OF(x) = {\n"
		"	LIST_OF(c)\n"
		"};\n"
		"printf_like(1)\n"
		"int g(const char *f);\n";
	static const uint32_t lines[] = { 1, 4, 5, 6, 7, 9, 15, 19, 22 };
	struct c_declaration *p;
	size_t nr;

	c_scan(text, strlen(text), &p, &nr);
	ck_assert_uint_eq(nr, 9);
	for (size_t i = 0; i < nr; i++)
		ck_assert_uint_eq(p[i].line, lines[i]);
	ck_assert(!p[0].body && p[1].body && p[5].body && p[6].body && !p[7].body);
	free(p);
}
END_TEST

/* ---- #line ---- */

static void marked(const char *orig, const char *patched, const char *want)
{
	char *out = line_markers_add(orig, patched);

	ck_assert_ptr_nonnull(out);
	ck_assert_str_eq(out, want);
	free(out);
}

START_TEST(markers_after_a_change)
{
	/* Two lines more; the next statement gets its old number. */
	marked("a;\nb;\nc;\n", "a;\nx;\ny;\nb;\nc;\n", "a;\nx;\ny;\n#line 2\nb;\nc;\n");
	/* Lines gone. */
	marked("a;\nb;\nc;\nd;\n", "a;\nd;\n", "a;\n#line 4\nd;\n");
	/* Nothing moved: nothing to do. */
	marked("a;\nb;\nc;\n", "a;\nx;\nc;\n", "a;\nx;\nc;\n");
}
END_TEST

START_TEST(markers_wait)
{
	/* Not inside a macro that goes on. */
	marked("#define M \\\n	a \\\n	b\nc;\n", "#define M \\\n	x \\\n	a \\\n	b\nc;\n",
	       "#define M \\\n	x \\\n	a \\\n	b\n#line 4\nc;\n");
	/* Not inside a condition or a call. */
	marked("if (a &&\n    b)\n	c;\nd;\n", "if (a &&\n    x &&\n    b)\n	c;\nd;\n",
	       "if (a &&\n    x &&\n    b)\n	c;\n#line 4\nd;\n");
	/* Not behind a comment or a string that goes on, also after white space. */
	marked("a;\nb;\nc;\nd;\n", "a;\n// x \\\nb;\nc;\nd;\n", "a;\n// x \\\nb;\n#line 3\nc;\nd;\n");
	marked("a;\nb;\nc;\n", "a;\nx; // x \\ \t\r\nb;\nc;\n", "a;\nx; // x \\ \t\r\nb;\n#line 3\nc;\n");
	marked("a;\nb;\nc;\n", "a;\n/\\\n* x;\n*\\\n/\nb;\nc;\n", "a;\n/\\\n* x;\n*\\\n/\n#line 2\nb;\nc;\n");
	/* Not inside a comment. */
	marked("/*\n * a;\n */\nb;\nc;\n", "/*\n * x;\n * a;\n */\nb;\nc;\n",
	       "/*\n * x;\n * a;\n */\n#line 4\nb;\nc;\n");
}
END_TEST

START_TEST(markers_of_two_changes)
{
	marked("a;\nb;\nc;\nd;\n", "x;\na;\nb;\ny;\nc;\nd;\n",
	       "x;\n#line 1\na;\nb;\ny;\n#line 3\nc;\nd;\n");
}
END_TEST

START_TEST(markers_in_a_group)
{
	/* What is left out takes its #line with it: again behind its end, and so on outwards. */
	marked("#ifdef A\na;\n#endif\nb;\n", "#ifdef A\nx;\na;\n#endif\nb;\n",
	       "#ifdef A\nx;\n#line 2\na;\n#endif\n#line 4\nb;\n");
	marked("#if A\n#if B\na;\n#endif\nb;\n#else\nc;\n#endif\nd;\n", "#if A\n#if B\nx;\na;\n#endif\nb;\n#else\nc;\n#endif\nd;\n",
	       "#if A\n#if B\nx;\n#line 3\na;\n#endif\n#line 5\nb;\n#else\n#line 7\nc;\n#endif\n#line 9\nd;\n");
	/* Groups that begin behind it have no say; nor does one that a comment or a string speaks of. */
	marked("a;\n#if A\nb;\n#else\nc;\n#endif\nd;\n", "x;\na;\n#if A\nb;\n#else\nc;\n#endif\nd;\n",
	       "x;\n#line 1\na;\n#if A\nb;\n#else\nc;\n#endif\nd;\n");
	marked("#if A\na;\n/*\n#endif\n*/\nb;\n#endif\n", "#if A\nx;\na;\n/*\n#endif\n*/\nb;\n#endif\n",
	       "#if A\nx;\n#line 2\na;\n/*\n#endif\n*/\nb;\n#endif\n");
	/* Not inside a statement of which a part is left out. */
	marked("f(a,\n#if A\n  b,\n#endif\n  c);\nd;\n", "f(a,\n#if A\n  x,\n  b,\n#endif\n  c);\nd;\n",
	       "f(a,\n#if A\n  x,\n  b,\n#endif\n  c);\n#line 6\nd;\n");
}
END_TEST

/* ---- make -n ---- */

static void commands(const char *line, const char *want)
{
	struct text t = { 0 };
	char *out;

	commands_parse_line(line, strlen(line), "gcc-12", &t);
	out = text_take(&t);
	ck_assert_str_eq(out, want);
	free(out);
}

START_TEST(compile_commands)
{
	commands("set -e; echo '  CC a.o; gcc-12 -c -o x.o x.c'; gcc-12 -DX='\"a;b\"' -c -o a.o /s/a.c   ; objtool a.o; fixdep 'gcc-12 -c -o a.o /s/a.c' > .cmd\n",
		 "a.o\tgcc-12 -DX='\"a;b\"' -c -o a.o /s/a.c\n");
	commands("gcc-12 -c -o e.o /s/e.S\n", "e.o\tgcc-12 -c -o e.o /s/e.S\n");
	/* Another compiler, a host tool, an object made of objects. */
	commands("gcc -c -o a.o /s/a.c\n", "");
	commands("gcc-12x -c -o a.o /s/a.c\n", "");
	commands("ld -r -c -o a.o b.o\n", "");
	commands("gcc-12 -c -o a.o b.o\n", "");
}
END_TEST

START_TEST(left_out_of_the_source)
{
	ck_assert(source_left_out("Documentation/networking/x.rst"));
	ck_assert(!source_left_out("Documentation/Kconfig"));
	ck_assert(source_left_out("arch/arm64/kernel/x.c"));
	ck_assert(source_left_out("tools/testing/selftests/x.c"));
	ck_assert(!source_left_out("arch/x86/kernel/x.c"));
	ck_assert(!source_left_out("net/arch/arm/x.c"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("fix");

	tcase_add_test(tc, diff_files);
	tcase_add_test(tc, diff_with_other_words);
	tcase_add_test(tc, recipe_whole);
	tcase_add_test(tc, recipe_errors);
	tcase_add_test(tc, hunks_of_a_function);
	tcase_add_test(tc, hunks_of_a_syscall);
	tcase_add_test(tc, hunks_of_no_function);
	tcase_add_test(tc, hunks_that_reach_over);
	tcase_add_test(tc, lines_that_differ);
	tcase_add_test(tc, pieces_of_c);
	tcase_add_test(tc, invocations_without_a_semicolon);
	tcase_add_test(tc, markers_after_a_change);
	tcase_add_test(tc, markers_wait);
	tcase_add_test(tc, markers_of_two_changes);
	tcase_add_test(tc, markers_in_a_group);
	tcase_add_test(tc, compile_commands);
	tcase_add_test(tc, left_out_of_the_source);
	return fixture_run("fix", tc);
}
