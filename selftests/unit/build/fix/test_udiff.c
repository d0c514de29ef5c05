// SPDX-License-Identifier: GPL-2.0-or-later
/* test_udiff.c - unified diffs: names, sections that can't be used, hunks that fit or don't. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "err.h"
#include "fix/fix.h"
#include "fixture.h"

static struct klp_err err;

/* ---- names ---- */

static void path(const char *a, const char *b, const char *want)
{
	char *out;

	ck_assert_int_eq(udiff_path(a, strlen(a), b, b ? strlen(b) : 0, &out), 0);
	ck_assert_str_eq(out, want);
	free(out);
}

static void no_path(const char *a, int want)
{
	char *out;

	ck_assert_int_eq(udiff_path(a, strlen(a), a, strlen(a), &out), want);
}

START_TEST(one_spelling)
{
	path("a/net/core/x.c", "b/net/core/x.c", "net/core/x.c");
	path("b/net/core/x.c", NULL, "net/core/x.c");
	path("a/./net//core/x.c", "b/net/core/x.c", "net/core/x.c");
	path("\"a/net/\\143ore/x.c\"", "b/net/core/x.c", "net/core/x.c");
	path("\"b/net/\\303\\251\\\".c\"", NULL, "net/\303\251\".c");
	path("linux-6.1.orig/net/x.c", "linux-6.1/net/x.c", "net/x.c");
	path("linux/net/x.c.orig", "linux/net/x.c", "net/x.c.orig");
	/* --no-prefix */
	path("net/core/x.c", "net/core/x.c", "net/core/x.c");
	path("tools/include/linux/x.h", "tools/include/linux/x.h", "tools/include/linux/x.h");
	path("net/x.c", NULL, "net/x.c");
	path("./net/x.c", "./net/x.c", "net/x.c");
	path("Makefile", "Makefile", "Makefile");
	path("a/Makefile", "b/Makefile", "Makefile");
}
END_TEST

START_TEST(out_of_the_tree)
{
	no_path("a/../../etc/passwd", -EXDEV);
	no_path("a/net/../core/x.c", -EXDEV);
	no_path("/etc/passwd", -EXDEV);
	no_path("\"a/\\056./x.c\"", -EXDEV);
	no_path("\"a/x", -EBADMSG);
	no_path("\"a/\\0.c\"", -EBADMSG);
	no_path("\"a/\\q.c\"", -EBADMSG);
	no_path("", -EBADMSG);
	no_path("./", -EBADMSG);
}
END_TEST

/* ---- sections ---- */

static const char lines_of_y[] = "--- a/y.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n";

/* The kind of the last file, and "" or its problem. */
static enum udiff_kind last(const char *diff, const char *problem)
{
	struct fix_file *f;
	size_t nr;
	enum udiff_kind kind;

	ck_assert_msg(!fix_parse_files(diff, &f, &nr, &err), "%s", err.text);
	ck_assert_uint_gt(nr, 0);
	kind = f[nr - 1].kind;
	if (problem)
		ck_assert_msg(f[nr - 1].problem && strstr(f[nr - 1].problem, problem), "%s: %s", f[nr - 1].path,
			      f[nr - 1].problem);
	else
		ck_assert_msg(!f[nr - 1].problem, "%s", f[nr - 1].problem);
	fix_files_free(f, nr);
	return kind;
}

START_TEST(what_git_says)
{
	ck_assert_int_eq(last("diff --git a/x.c b/x.c\nold mode 100644\nnew mode 100755\n", NULL), UDIFF_MODE);
	ck_assert_int_eq(last("diff --git a/x.h b/y.h\nsimilarity index 100%\nrename from x.h\nrename to y.h\n", NULL),
			 UDIFF_RENAMED);
	ck_assert_int_eq(last("diff --git a/x.h b/y.h\nsimilarity index 100%\ncopy from x.h\ncopy to y.h\n", NULL),
			 UDIFF_COPIED);
	ck_assert_int_eq(last("diff --git a/x.h b/x.h\nnew file mode 100644\nindex 000000000000..e69de29bb2d1\n", NULL),
			 UDIFF_CREATED);
	ck_assert_int_eq(last("diff --git a/x.png b/x.png\nnew file mode 100644\nGIT binary patch\nliteral 3\nRcmZ\n\n",
			      "binary"), UDIFF_BINARY);
	ck_assert_int_eq(last("diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n", "binary"),
			 UDIFF_BINARY);
	ck_assert_int_eq(last("Binary files a/x and b/x differ\n", "binary"), UDIFF_BINARY);
	ck_assert_int_eq(last("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+y\n",
			      "link"), UDIFF_LINK);
	/* A file becomes a link: more than its mode changes. */
	ck_assert_int_eq(last("diff --git a/x.h b/x.h\nold mode 100644\nnew mode 100755\n", NULL), UDIFF_MODE);
	ck_assert_int_eq(last("diff --git a/x.h b/x.h\nold mode 100644\nnew mode 120000\n", "link"), UDIFF_LINK);
	ck_assert_int_eq(last("diff --git a/with blank.c b/with blank.c\n--- a/with blank.c\n+++ b/with blank.c\n"
			      "@@ -1 +1 @@\n-a\n+b\n", NULL), UDIFF_CHANGED);
	ck_assert_int_eq(last("diff --git \"a/\\303\\251.c\" \"b/\\303\\251.c\"\n--- \"a/\\303\\251.c\"\n+++ \"b/\\303\\251.c\"\n"
			      "@@ -1 +1 @@\n-a\n+b\n", NULL), UDIFF_CHANGED);
}
END_TEST

/* @before, or behind, the diff of y.c: a file that can't be read, which isn't skipped. */
static void of_another_kind(const char *foreign, const char *name)
{
	for (int behind = 0; behind < 2; behind++) {
		char *diff = behind ? format("%s%s", lines_of_y, foreign) : format("%s%s", foreign, lines_of_y);
		struct fix_file *f;
		size_t nr, i = 0;

		ck_assert_msg(!fix_parse_files(diff, &f, &nr, &err), "%s", err.text);
		while (i < nr && strcmp(f[i].path, name))
			i++;
		ck_assert_msg(nr == 2 && i < nr, "%zu files, none is %s", nr, name);
		ck_assert_int_eq(f[i].kind, UDIFF_UNREADABLE);
		ck_assert_ptr_nonnull(strstr(f[i].problem, "of another kind"));
		ck_assert_int_eq(f[!i].kind, UDIFF_CHANGED);
		fix_files_free(f, nr);
		free(diff);
	}
}

START_TEST(another_kind_of_diff)
{
	of_another_kind("*** a/x.c\t2024\n--- b/x.c\t2024\n***************\n*** 1,2 ****\n! a\n  b\n--- 1,2 ----\n! c\n  b\n", "x.c");
	of_another_kind("diff -r a/x.c b/x.c\n1c1\n< a\n---\n> b\n", "diff -r a/x.c b/x.c");
	of_another_kind("diff -r -e a/x.c b/x.c\n1,2d\n", "diff -r -e a/x.c b/x.c");
}
END_TEST

/* Behind a rename that git told, a file in the plain form: it is one of its own. */
START_TEST(rename_and_another_file)
{
	static const char diff[] = "diff --git a/old.rst b/new.rst\nsimilarity index 100%\nrename from old.rst\n"
				   "rename to new.rst\n--- a/y.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n";
	struct udiff d;

	ck_assert(!udiff_parse(diff, &d, &err));
	ck_assert_uint_eq(d.nr, 2);
	ck_assert_str_eq(d.sections[0].path, "new.rst");
	ck_assert_uint_eq(d.sections[0].nr_hunks, 0);
	ck_assert_str_eq(d.sections[1].path, "y.c");
	ck_assert_int_eq(d.sections[1].kind, UDIFF_CHANGED);
	ck_assert_uint_eq(d.sections[1].nr_hunks, 1);
	udiff_free(&d);
}
END_TEST

/* What stands above the first file is told as one, which is refused. */
static void first(const char *diff)
{
	struct udiff d;

	ck_assert(!udiff_parse(diff, &d, &err));
	ck_assert_uint_eq(d.nr, 2);
	ck_assert_int_eq(d.sections[0].kind, UDIFF_UNREADABLE);
	ck_assert_ptr_nonnull(strstr(d.sections[0].path, "of the diff"));
	udiff_free(&d);
}

START_TEST(torn)
{
	char text[1024];

	last("diff --git a/x.c b/x.c\nindex 1..2 100644\n", "no lines");
	last("diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n", "no lines");
	last("--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n a\n-b\n+c\n", "fewer");
	last("--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n a\n-b\n+c\nnext", "fewer");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n+d\n", "more");
	/* "c" may be the beginning of a longer line. */
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c", "fewer");
	last("--- a/x.c\n+++ b/x.c\n@@ -1,b +1 @@\n-b\n+c\n", "head");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\nprose\n@@ -9 +9 @@\n-b\n+c\n", "belongs to no hunk");
	/* What is left of a git header, and of a first file. */
	last("diff --git a/x.c b/x.c\nindex 1..2 100644\n@@ -1 +1 @@\n-b\n+c\n", "belongs to no hunk");
	last("diff --git a/x.c b/x.c\n a\n-b\n+c\n@@ -9 +9 @@\n-b\n+c\n", "belongs to no hunk");
	last("diff --git a/x.c b/x.c\n--- a/x.c\n@@ -9 +9 @@\n-b\n+c\n", "belongs to no hunk");
	first(" a\n-b\n+c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n");
	first("-b\n a\n \ndiff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n");
	/* The names of the first file, one of them, or the head of a hunk got lost. */
	last("@@ -1 +1 @@\n-b\n+c\n", "no file");
	last("+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n", "no file");
	last("--- b/x.c\n@@ -1 +1 @@\n-b\n+c\n", "no file");
	last("--- a/x.c\n+++ b/x.c\n@ @ -1 +1 @@\n-b\n+c\n@@ -9 +9 @@\n-b\n+c\n", "no lines");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n@ @ -9 +9 @@\n-b\n+c\n", "belongs to no hunk");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n a\n-b\n+c\n", "belongs to no hunk");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n\n\n+c\n", "belongs to no hunk");
	last("--- a/../x.c\n+++ b/../x.c\n@@ -1 +1 @@\n-b\n+c\n", "out of the source tree");
	last("--- /etc/x\n+++ /etc/x\n@@ -1 +1 @@\n-b\n+c\n", "out of the source tree");
	last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\nOnly in b/net: new.c\n", "diff -ruN");
	/* Torn in its middle: the next file's names could be changed lines of this one. */
	snprintf(text, sizeof(text), "--- a/x.c\n+++ b/x.c\n@@ -1,4 +1,4 @@\n a\n%s", lines_of_y);
	ck_assert_int_eq(last(text, "fewer"), UDIFF_UNREADABLE);
	snprintf(text, sizeof(text), "%s--- a/x.c\n+++ b/x.c\n@@ -1,4 +1,4 @@\n a\n", lines_of_y);
	ck_assert_int_eq(last(text, "fewer"), UDIFF_UNREADABLE);
}
END_TEST

START_TEST(whole)
{
	char text[1024];

	/* A mail's signature, its next mail, an empty line whose blank is lost, no newline at the end. */
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n-- \n2.39\n\nFrom x\nSubject: y\n---\n x.c | 2 +-\n", NULL),
			 UDIFF_CHANGED);
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", NULL), UDIFF_CHANGED);
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n\\ No newline at end of file\n+c\n"
			      "\\ No newline at end of file\n", NULL), UDIFF_CHANGED);
	ck_assert_int_eq(last("text\n---\n x.c | 2 +-\n\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n", NULL), UDIFF_CHANGED);
	ck_assert_int_eq(last("diff --git a/x.c b/y.c\nrename from x.c\nrename to y.c\n-- \n2.39\n", NULL), UDIFF_RENAMED);
	/* A mailing list's words, and the next commit of git log. */
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n  \n\nThanks\n--\n + words\n", NULL), UDIFF_CHANGED);
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-b\n+c\n\ncommit 1234\nAuthor: y\n\n    words\n", NULL),
			 UDIFF_CHANGED);
	/* A line that is removed and begins with "-- " isn't a name. */
	ck_assert_int_eq(last("--- a/x.c\n+++ b/x.c\n@@ -1,2 +1 @@\n a\n--- b\n", NULL), UDIFF_CHANGED);
	snprintf(text, sizeof(text), "Only in short: words of a commit\n%s", lines_of_y);
	ck_assert_int_eq(last(text, NULL), UDIFF_CHANGED);
}
END_TEST

START_TEST(no_diff)
{
	struct fix_file *f;
	size_t nr;

	ck_assert_int_eq(fix_parse_files(" \n", &f, &nr, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "empty"));
	ck_assert_int_eq(fix_parse_files("*** a/x.c\n--- b/x.c\n***************\n*** 1,2 ****\n", &f, &nr, &err), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(err.text, "context diff"));
	ck_assert_int_eq(fix_parse_files("no diff at all\n", &f, &nr, &err), -EBADMSG);
}
END_TEST

/* ---- hunks ---- */

static enum udiff_numbers numbers = UDIFF_OF_BASE;
static bool back;

static int apply(const char *base, const char *hunks, bool known, char **out, long *offset)
{
	char *diff = format("--- a/x.c\n+++ b/x.c\n%s", hunks);
	struct udiff_place places[8] = { 0 };
	struct udiff d;
	int ret;

	ck_assert_int_eq(udiff_parse(diff, &d, &err), 0);
	ck_assert_msg(!d.sections[0].problem, "%s", d.sections[0].problem);
	ret = udiff_apply(&d.sections[0], base, known ? numbers : UDIFF_OF_ANOTHER, back, places, out, &err);
	*offset = places[0].offset;
	udiff_free(&d);
	free(diff);
	return ret;
}

static void applies(const char *base, const char *hunks, const char *want, long offset)
{
	char *out;
	long at;

	ck_assert_msg(!apply(base, hunks, true, &out, &at), "%s", err.text);
	ck_assert_str_eq(out, want);
	ck_assert_int_eq(at, offset);
	free(out);
}

static void fails(const char *base, const char *hunks, bool known, int want)
{
	char *out;
	long at;

	ck_assert_int_eq(apply(base, hunks, known, &out, &at), want);
}

START_TEST(to_the_letter)
{
	applies("a\nb\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n", "a\nx\nc\n", 0);
	applies("0\na\nb\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n", "0\na\nx\nc\n", 1);
	applies("a\nb\nc\nd\ne\n", "@@ -1,2 +1,3 @@\n a\n+1\n b\n@@ -4,2 +5,3 @@\n d\n+2\n e\n", "a\n1\nb\nc\nd\n2\ne\n", 0);
	applies("a\n\nc\n", "@@ -1,3 +1,3 @@\n a\n\n-c\n+x\n", "a\n\nx\n", 0);
	applies("", "@@ -0,0 +1,2 @@\n+a\n+b\n", "a\nb\n", 0);
	applies("a\nb", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n", "a\nb\n", 0);
	applies("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n", "a\nc", 0);
	/* Blanks count, and so does the newline at the end. */
	fails("a\nb \nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n", true, -ENOENT);
	fails("a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n", true, -ENOENT);
	/* Fuzz: one line of context is another. */
	fails("a\nb\nc\nd\n", "@@ -1,4 +1,4 @@\n X\n b\n-c\n+x\n d\n", true, -ENOENT);
}
END_TEST

START_TEST(which_of_two)
{
	static const char twins[] = "f\nx\ny\ng\nx\ny\n", change[] = "@@ -5,2 +5,2 @@\n x\n-y\n+z\n";

	/* Where the head says; but not when the numbers are of another text. */
	applies(twins, change, "f\nx\ny\ng\nx\nz\n", 0);
	fails(twins, change, false, -ENOTUNIQ);
	fails("0\nf\nx\ny\ng\nx\ny\n", change, true, -ENOTUNIQ);
	/* The first hunk shows a shift: the second one's line is right by chance. */
	fails("0\nf\nx\ny\nx\ny\n", "@@ -1,1 +1,2 @@\n f\n+h\n@@ -3,2 +4,2 @@\n x\n-y\n+z\n", true, -ENOTUNIQ);
	/* A place before an earlier hunk's isn't one. */
	applies("x\ny\nf\nx\ny\n", "@@ -3,1 +3,2 @@\n f\n+h\n@@ -4,2 +5,2 @@\n x\n-y\n+z\n", "x\ny\nf\nh\nx\nz\n", 0);
	/* No context, nothing that tells where. */
	fails("a\nb\n", "@@ -1,0 +2 @@\n+x\n", true, -ENOTUNIQ);
}
END_TEST

/* Of a series: the heading, then the numbers. */
START_TEST(which_of_two_in_a_series)
{
	static const char twins[] = "f\n{\n\tx\n}\ng\n{\n\tx\n}\n";

	numbers = UDIFF_OF_SERIES;
	applies(twins, "@@ -2,2 +2,2 @@ g\n {\n-\tx\n+\tz\n", "f\n{\n\tx\n}\ng\n{\n\tz\n}\n", 4);
	applies(twins, "@@ -6,2 +6,2 @@\n {\n-\tx\n+\tz\n", "f\n{\n\tx\n}\ng\n{\n\tz\n}\n", 0);
	fails(twins, "@@ -5,2 +5,2 @@\n {\n-\tx\n+\tz\n", true, -ENOTUNIQ);
	/* Twice under one heading: where the numbers say, and with the first hunk's shift. */
	applies("0\nf\n1\n{\n\tx\n{\n\tx\n", "@@ -2,1 +2,2 @@\n 1\n+2\n@@ -5,2 +6,2 @@ f\n {\n-\tx\n+\tz\n",
		"0\nf\n1\n2\n{\n\tx\n{\n\tz\n", 1);
	/* Not against the heading. */
	fails("f\n{\n\tx\n{\n\tx\ng\n{\n\tx\n", "@@ -7,2 +7,2 @@ f\n {\n-\tx\n+\tz\n", true, -ENOTUNIQ);
	numbers = UDIFF_OF_BASE;
}
END_TEST

START_TEST(and_back)
{
	back = true;
	applies("a\nx\ny\nc\n", "@@ -1,3 +1,4 @@\n a\n-b\n+x\n+y\n c\n", "a\nb\nc\n", 0);
	applies("a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n", "", 0);
	applies("a\nc", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n", "a\nb\n", 0);
	fails("a\nb\nc\n", "@@ -1,3 +1,4 @@\n a\n-b\n+x\n+y\n c\n", true, -ENOENT);
	back = false;
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("udiff");

	tcase_add_test(tc, one_spelling);
	tcase_add_test(tc, out_of_the_tree);
	tcase_add_test(tc, what_git_says);
	tcase_add_test(tc, another_kind_of_diff);
	tcase_add_test(tc, rename_and_another_file);
	tcase_add_test(tc, torn);
	tcase_add_test(tc, whole);
	tcase_add_test(tc, no_diff);
	tcase_add_test(tc, to_the_letter);
	tcase_add_test(tc, which_of_two);
	tcase_add_test(tc, which_of_two_in_a_series);
	tcase_add_test(tc, and_back);
	return fixture_run("udiff", tc);
}
