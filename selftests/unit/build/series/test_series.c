// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_series.c - a series' commits: what a mail says, hunks that go on exactly or
 * not at all, the smallest set that does; and the CVE records.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "series/cves.h"
#include "series/package.h"
#include "series/series.h"
#include "series/series_patch.h"
#include "target/target.h"

#define ID	"0123456789abcdef0123456789abcdef01234567"
#define UP	"fedcba9876543210fedcba9876543210fedcba98"

static struct klp_err err;

/* ---- mails ---- */

static const char mail[] =
	"From " ID " Mon Sep 17 00:00:00 2001\n"
	"From: =?UTF-8?q?J=C3=B6rg?= <j@example.org>\n"
	"Subject: [PATCH 6.1 002/123] net: =?UTF-8?q?f=C3=BCr?= a\n"
	" longer line\n"
	"\n"
	"commit " UP " upstream.\n"
	"\n"
	"It fixes CVE-2026-12345.\n"
	"---\n"
	" a/x.c | 2 +-\n"
	"\n"
	"diff --git a/x.c b/x.c\n"
	"index 1..2 100644\n"
	"--- a/x.c\n"
	"+++ b/x.c\n"
	"@@ -1,3 +1,3 @@ int f(void)\n"
	" a\n"
	"-b\n"
	"+c\n"
	" d\n"
	"-- \n"
	"2.39.5\n";

START_TEST(a_mail_says_what_it_is)
{
	struct sp_commit c;

	ck_assert_msg(!sp_parse(mail, strlen(mail), &c, &err), "%s", err.text);
	ck_assert_str_eq(c.id, ID);
	ck_assert_str_eq(c.subject, "net: f\xc3\xbcr a longer line");
	ck_assert_uint_eq(c.upstream.nr, 1);
	ck_assert_str_eq(c.upstream.list[0], UP);
	ck_assert_uint_eq(c.cves.nr, 1);
	ck_assert_str_eq(c.cves.list[0], "CVE-2026-12345");
	ck_assert_uint_eq(c.diff.nr, 1);
	ck_assert_str_eq(c.diff.sections[0].path, "x.c");
	ck_assert(starts_with(c.diff.sections[0].hunks[0].heading, "int f(void)\n"));
	ck_assert(starts_with(c.diff.sections[0].hunks[0].lines, " a\n-b\n+c\n d\n"));
	sp_free(&c);
}
END_TEST

/* Cut anywhere inside its diff it is refused, but where what is left is whole. */
START_TEST(a_torn_mail_is_not_taken)
{
	size_t from = (size_t)(strstr(mail, "--- a/x.c") - mail), whole = (size_t)(strstr(mail, " d\n") - mail) + 2;

	for (size_t len = from; len < whole; len++) {
		struct sp_commit c;

		ck_assert_msg(sp_parse(mail, len, &c, &err), "%zu bytes of it were taken", len);
		sp_free(&c);
	}
}
END_TEST

static int parse(const char *text, struct sp_commit *c)
{
	err = (struct klp_err){ 0 };
	return sp_parse(text, strlen(text), c, &err);
}

#define DIFF	"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n"

START_TEST(what_no_series_can_hold)
{
	static const char *const texts[] = {
		"Subject: no diff\n\nhello\n",
		"--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n+one more\n",
		"--- a/x.c\n+++ b/x.c\n@@ -1,2 +1 @@\n-a\n+b\n",
		"--- a/../x.c\n+++ b/../x.c\n@@ -1 +1 @@\n-a\n+b\n",
		"diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n",
		"Subject: s\nContent-Transfer-Encoding: base64\n\nLS0tIGEK\n",
		/* Encoded in a part, where only what is new looks like it. */
		"Subject: s\n\n--X\nContent-Transfer-Encoding: quoted-printable\n\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+f(\"x=3D%d\");\n",
		/* Two mails, of which the second's first line isn't known as one. */
		"Subject: s\n\n" DIFF "\nFrom a@b Mon Sep  7 01:02:03 UTC 2026\nFrom: a\nSubject: t\n\n--- a/y.c\n+++ b/y.c\n@@ -1 +1 @@\n-a\n+b\n",
		"Subject: [PATCH 0/1] letter\n\nhi\n\nFrom x\nSubject: t\n goes on\n\n" DIFF,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sp_commit c;

		ck_assert_msg(parse(texts[i], &c), "text %zu was taken", i);
		sp_free(&c);
	}
}
END_TEST

START_TEST(mails_that_look_odd)
{
	struct sp_commit c;

	ck_assert_msg(!parse("Subject: [PATCH] s\r\n\r\nFrom now on:\r\n" "--- a/x.c\r\n+++ b/x.c\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n", &c), "%s", err.text);
	ck_assert_str_eq(c.subject, "s");
	ck_assert_str_eq(c.diff.sections[0].path, "x.c");
	ck_assert(starts_with(c.diff.sections[0].hunks[0].lines, "-a\n+b\n"));
	sp_free(&c);
	ck_assert_msg(!parse("Subject: s\n\nFrom the log:\nNote: it says\nso.\n" DIFF, &c), "%s", err.text);
	sp_free(&c);
	/* Without a diff: to be told from a torn one, since git has commits that change nothing. */
	ck_assert_int_eq(parse("From " ID " Mon Sep 17 00:00:00 2001\nSubject: s\n\ntext\n", &c), -ENODATA);
	sp_free(&c);
}
END_TEST

START_TEST(a_cover_letter_and_kinds_of_files)
{
	struct udiff_section *f;
	struct sp_commit c;

	ck_assert(!parse("Subject: [PATCH 00/12] hello\n\ntext\n", &c));
	ck_assert(c.cover);
	sp_free(&c);
	ck_assert(!parse("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n"
			 "diff --git a/s.sh b/s.sh\nold mode 100644\nnew mode 100755\n"
			 "diff --git a/b.bin b/b.bin\nindex 1..2\nGIT binary patch\nliteral 3\nKcmZQz\n\n"
			 "diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+a\n"
			 "diff --git a/l.c b/l.c\nnew file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/l.c\n@@ -0,0 +1 @@\n+n.c\n"
			 "\\ No newline at end of file\n", &c));
	ck_assert_uint_eq(c.diff.nr, 5);
	f = c.diff.sections;
	ck_assert(f[0].kind == UDIFF_RENAMED && !strcmp(f[0].from, "x") && !strcmp(f[0].path, "y"));
	ck_assert(f[1].kind == UDIFF_MODE && !strcmp(f[1].path, "s.sh"));
	ck_assert(f[2].kind == UDIFF_BINARY);
	ck_assert(f[3].kind == UDIFF_CREATED);
	ck_assert(f[4].kind == UDIFF_LINK && f[4].problem);
	sp_free(&c);
}
END_TEST

/* ---- hunks ---- */

static int apply(const char *diff, const char *base, char **out)
{
	struct sp_commit c;
	int ret;

	ck_assert_msg(!parse(diff, &c), "%s", err.text);
	ret = sp_apply(&c.diff.sections[0], base, out, &err);
	sp_free(&c);
	return ret;
}

#define HEAD	"--- a/x.c\n+++ b/x.c\n"

START_TEST(hunks_go_on_exactly)
{
	char *out;

	ck_assert(!apply(HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n", "new\na\nb\nd\n", &out));
	ck_assert_str_eq(out, "new\na\nc\nd\n");
	free(out);
	/* No line may differ, whatever patch(1) would make of it. */
	ck_assert_int_eq(apply(HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n", "a\nb\nother\n", &out), -ENOENT);
	ck_assert_int_eq(apply(HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n", NULL, &out), -ENOENT);
	ck_assert_int_eq(apply("--- /dev/null\n+++ b/x.c\n@@ -0,0 +1 @@\n+a\n", "there\n", &out), -ENOENT);
	ck_assert(!apply("--- a/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "a\n", &out));
	ck_assert_ptr_null(out);
	ck_assert_int_eq(apply("--- a/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "a\nb\n", &out), -ENOENT);
	ck_assert(!apply(HEAD "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", "a", &out));
	ck_assert_str_eq(out, "b\n");
	free(out);
}
END_TEST

#define TWIN	"{\n\tint a;\n\n\tb();\n}\n\n"

START_TEST(of_two_equal_functions_the_named_one)
{
	static const char base[] = "/* moved */\n\n\nint f(void)\n" TWIN "int g(void)\n" TWIN;
	static const char hunk[] = " {\n \tint a;\n \n-\tb();\n+\tc();\n }\n \n";
	char *out, diff[256];

	snprintf(diff, sizeof(diff), HEAD "@@ -9,6 +9,6 @@ int g(void)\n%s", hunk);
	ck_assert_msg(!apply(diff, base, &out), "%s", err.text);
	ck_assert_str_eq(out, "/* moved */\n\n\nint f(void)\n" TWIN "int g(void)\n{\n\tint a;\n\n\tc();\n}\n\n");
	free(out);
	/* The line number means neither, and nothing else does. */
	snprintf(diff, sizeof(diff), HEAD "@@ -9,6 +9,6 @@\n%s", hunk);
	ck_assert_int_eq(apply(diff, base, &out), -ENOTUNIQ);
}
END_TEST

START_TEST(what_is_there_already)
{
	struct sp_commit c;

	ck_assert(!parse(HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+c\n d\n", &c));
	ck_assert(sp_is_applied(&c.diff.sections[0], "x\na\nc\nd\n"));
	ck_assert(!sp_is_applied(&c.diff.sections[0], "x\na\nb\nd\n"));
	ck_assert(!sp_is_applied(&c.diff.sections[0], NULL));
	sp_free(&c);
}
END_TEST

START_TEST(functions_whose_lines_differ)
{
	struct strings names = { 0 };

	sp_changed_names("static int f(int a)\n{\n\treturn a;\n}\n\nSYSCALL_DEFINE1(close, int, a)\n{\n\treturn a;\n}\n\nint g;\n",
			 "static int f(int a)\n{\n\treturn 2;\n}\n\nSYSCALL_DEFINE1(close, int, a)\n{\n\treturn 3;\n}\n\nint h;\n"
			 "#define M(x) x\n", &names);
	ck_assert_uint_eq(names.nr, 3);
	ck_assert_str_eq(names.list[0], "f");
	ck_assert_str_eq(names.list[1], "close");
	ck_assert_str_eq(names.list[2], "M");
	strings_free(&names);
}
END_TEST

/* ---- sets ---- */

static size_t asked;

/* Yes if it has all of those in @arg. */
static int has_all(void *arg, const bool *on, struct klp_err *e)
{
	const size_t *wanted = arg;

	(void)e;
	asked++;
	for (; *wanted; wanted++)
		if (!on[*wanted])
			return 0;
	return 1;
}

START_TEST(the_smallest_set_that_does)
{
	size_t one[] = { 700, 0 }, two[] = { 3, 998, 0 };
	bool on[1000];

	asked = 0;
	ck_assert_int_eq(series_narrow(1000, has_all, one, on, &err), 1);
	for (size_t i = 0; i < 1000; i++)
		ck_assert(on[i] == (i == 700));
	ck_assert_uint_lt(asked, 14);
	ck_assert_int_eq(series_narrow(1000, has_all, two, on, &err), 1);
	for (size_t i = 0; i < 1000; i++)
		ck_assert(on[i] == (i == 3 || i == 998));
	ck_assert_int_eq(series_narrow(700, has_all, one, on + 1, &err), 0);
	ck_assert_int_eq(series_narrow(0, has_all, one, on, &err), 0);
}
END_TEST

/* Says yes to all of them, and else as it likes: more isn't always better.  Remembers what it said yes to. */
struct moody {
	unsigned int seed, said_yes[64];
	size_t nr;
};

#define MOODY	10

static unsigned int bits(const bool *on)
{
	unsigned int set = 0;

	for (size_t i = 0; i < MOODY; i++)
		set |= (unsigned int)on[i] << i;
	return set;
}

static int is_in_the_mood(void *arg, const bool *on, struct klp_err *e)
{
	struct moody *m = arg;
	unsigned int set = bits(on);

	(void)e;
	if (set != (1u << MOODY) - 1 && ((set ^ m->seed) * 2654435761u >> 16) % 3)
		return 0;
	ck_assert_uint_lt(m->nr, 64);
	m->said_yes[m->nr++] = set;
	return 1;
}

START_TEST(a_set_that_was_said_yes_to)
{
	for (unsigned int seed = 0; seed < 20000; seed++) {
		struct moody m = { .seed = seed };
		bool on[MOODY], found = false;

		ck_assert_int_eq(series_narrow(MOODY, is_in_the_mood, &m, on, &err), 1);
		for (size_t i = 0; i < m.nr; i++)
			found |= m.said_yes[i] == bits(on);
		ck_assert_msg(found, "seed %u: %x was never tried", seed, bits(on));
	}
}
END_TEST

/* ---- CVE records ---- */

static const char dyad[] =
	"# dyad version: 1.2.0\n"
	"# \tgetting vulnerable:fixed pairs for git id " UP "\n"
	"5.15:314001f0bf927015e459c9d387d62a231fe93af3:6.1.177:" ID "\n"
	"5.15:314001f0bf927015e459c9d387d62a231fe93af3:7.1:" UP "\n"
	"5.15:314001f0bf927015e459c9d387d62a231fe93af3:0:0\n";
static const char record[] =
	"{\"cveMetadata\": {\"cveID\": \"CVE-2026-0007\"}, \"containers\": {\"cna\": {\"title\": \"net: a fix\","
	"\"affected\": [{\"programFiles\": [\"net/a.c\", \"net/b.c\"]}, {\"programFiles\": [\"net/a.c\"]}]}}}";

START_TEST(a_commit_is_known_by_each_of_its_ids)
{
	struct strings none = { 0 }, up = { 0 }, files = { 0 };
	struct cves c = { 0 };

	ck_assert_msg(!cves_parse_dyad(dyad, strlen(dyad), "CVE-2026-0007", &c, &err), "%s", err.text);
	ck_assert_msg(!cves_parse_json(record, strlen(record), &c, &err), "%s", err.text);
	ck_assert_uint_eq(c.nr, 1);
	ck_assert_uint_eq(c.list[0].nr_fixes, 2);
	ck_assert_uint_eq(c.list[0].files.nr, 2);
	strings_add(&up, UP);
	strings_add(&files, "net/b.c");
	ck_assert(cve_is_fixed_by(&c.list[0], ID, &none, "other", &none));
	ck_assert(cve_is_fixed_by(&c.list[0], "", &up, "other", &none));
	ck_assert(cve_is_fixed_by(&c.list[0], "", &none, "net: a fix", &files));
	/* The same words of another file are another fix. */
	ck_assert(!cve_is_fixed_by(&c.list[0], "", &none, "net: a fix", &none));
	ck_assert(!cve_is_fixed_by(&c.list[0], "", &none, "", &files));
	cves_free(&c);
	strings_free(&up);
	strings_free(&files);
}
END_TEST

START_TEST(a_table_of_records)
{
	static const char table[] = "# CVE\t...\nCVE-2026-0002\t\t6.1.178\t" ID "\t\t\nCVE-2026-0001\t5.10\t6.1.177\t" UP "\tt\ta.c b.h\n";
	static const char *const wrong[] = { "CVE-2026-0001\t5.10\n", "CVE-26-1\t\t6.1\t" ID "\t\t\n", "CVE-2026-0001\t\tx;y\t" ID "\n",
					     "CVE-2026-0001\t\t6.1\t1234\n" };
	struct cves c = { 0 };

	ck_assert_msg(!cves_parse_table(table, strlen(table), &c, &err), "%s", err.text);
	ck_assert_uint_eq(c.nr, 2);
	ck_assert_str_eq(c.list[0].name, "CVE-2026-0001");
	ck_assert_uint_eq(c.list[0].files.nr, 2);
	ck_assert_str_eq(c.list[1].fixes[0].fixed, "6.1.178");
	for (size_t i = 0; i < 4; i++)
		ck_assert_int_eq(cves_parse_table(wrong[i], strlen(wrong[i]), &c, &err), -EBADMSG);
	ck_assert_int_eq(cves_parse_dyad("x\n", 2, "CVE-2026-0001", &c, &err), -EBADMSG);
	ck_assert_int_eq(cves_parse_json("{", 1, &c, &err), -EBADMSG);
	cves_free(&c);
}
END_TEST

/* ---- what a series claims ---- */

static void claims(const char *commits, const char *want)
{
	static const char table[] = "CVE-2026-0001\t\t6.1.177\t" ID "\t\t\nCVE-2026-0002\t\t6.1.177\t" ID "\t\t\n"
				    "CVE-2026-0002\t\t6.1.180\t" UP "\t\t\n";
	json_t *list = json_loads(commits, 0, NULL);
	struct strings out = { 0 };
	struct cves c = { 0 };
	char got[128] = "";

	ck_assert_ptr_nonnull(list);
	ck_assert(!cves_parse_table(table, strlen(table), &c, &err));
	series_cves(list, &c, "6.1.176-1", &out);
	for (size_t i = 0; i < out.nr; i++)
		strncat(got, out.list[i] + 9, 8);
	ck_assert_str_eq(got, want);
	strings_free(&out);
	cves_free(&c);
	json_decref(list);
}

#define COMMIT(outcome, id, cves)	"{\"outcome\": \"" outcome "\", \"id\": \"" id "\", \"upstream\": [], \"cves\": [" cves "]"
#define CVE(nr)	"\"CVE-2026-" nr "\""

START_TEST(a_series_claims_what_is_whole)
{
	claims("[" COMMIT("built", ID, CVE("0001")) "}]", "0001");
	claims("[" COMMIT("built", ID, CVE("0001")) "}, " COMMIT("refused", UP, CVE("0001")) "}]", "");
	claims("[" COMMIT("built", ID, CVE("0001")) "}, " COMMIT("waits", UP, CVE("0001")) "}]", "");
	claims("[" COMMIT("nothing", ID, CVE("0001")) "}]", "");
	/* A later commit takes it back. */
	claims("[" COMMIT("built", ID, CVE("0001") ", " CVE("0009")) ", \"undone_by\": 1}, " COMMIT("built", UP, CVE("0009")) "}]", "");
	/* The records know two commits. */
	claims("[" COMMIT("built", ID, CVE("0002")) "}]", "");
	claims("[" COMMIT("built", ID, CVE("0002")) "}, " COMMIT("built", UP, CVE("0002")) "}]", "0002");
	claims("[" COMMIT("built", ID, CVE("0002")) "}, " COMMIT("nothing", UP, CVE("0002")) "}]", "0002");
}
END_TEST

START_TEST(an_update_fixes_what_came_after_the_old_version)
{
	static const struct { const char *fixed; bool is; } cases[] = {
		{ "6.1.177", true }, { "6.1.187", true }, { "6.1.176", false }, { "6.1.99", false }, { "6.1.188", false },
		{ "6.10.180", false }, { "6.1", false }, { "0", false }, { "", false },
	};
	struct target t = { .version = "6.1.176-1", .major = 6, .minor = 1 };
	struct pkg p = { .target = &t, .version = "6.1.187-1~deb12u1" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cve_fix fix = { 0 };
		struct cve_record r = { .fixes = &fix, .nr_fixes = 1 };

		strcpy(fix.fixed, cases[i].fixed);
		ck_assert_msg(pkg_fixes(&p, &r) == cases[i].is, "%s", cases[i].fixed);
	}
}
END_TEST

START_TEST(a_fault_that_is_newer_or_fixed_twice)
{
	static const struct { const char *bad[2], *fixed[2]; bool is; } cases[] = {
		/* What came in behind the kernel's version isn't in it. */
		{ { "6.1.178" }, { "6.1.183" }, false }, { { "6.1.176" }, { "6.1.183" }, true }, { { "0" }, { "6.1.183" }, true },
		{ { "5.10" }, { "6.1.183" }, true }, { { "6.6" }, { "6.1.183" }, true },
		/* All of several commits. */
		{ { "", "" }, { "6.1.177", "6.1.187" }, true }, { { "", "" }, { "6.1.177", "6.1.188" }, false },
		{ { "", "6.1.180" }, { "6.1.177", "6.1.188" }, true }, { { "", "" }, { "6.1.177", "6.6.9" }, true },
	};
	struct target t = { .version = "6.1.176-1", .major = 6, .minor = 1 };
	struct pkg p = { .target = &t, .version = "6.1.187-1" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cve_fix fix[2] = { 0 };
		struct cve_record r = { .fixes = fix };

		for (size_t k = 0; k < 2 && cases[i].fixed[k]; k++, r.nr_fixes++) {
			strcpy(fix[k].first_bad, cases[i].bad[k]);
			strcpy(fix[k].fixed, cases[i].fixed[k]);
		}
		ck_assert_msg(pkg_fixes(&p, &r) == cases[i].is, "case %zu", i);
	}
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("series");

	tcase_add_test(tc, a_mail_says_what_it_is);
	tcase_add_test(tc, a_torn_mail_is_not_taken);
	tcase_add_test(tc, what_no_series_can_hold);
	tcase_add_test(tc, mails_that_look_odd);
	tcase_add_test(tc, a_cover_letter_and_kinds_of_files);
	tcase_add_test(tc, hunks_go_on_exactly);
	tcase_add_test(tc, of_two_equal_functions_the_named_one);
	tcase_add_test(tc, what_is_there_already);
	tcase_add_test(tc, functions_whose_lines_differ);
	tcase_add_test(tc, the_smallest_set_that_does);
	tcase_add_test(tc, a_set_that_was_said_yes_to);
	tcase_add_test(tc, a_commit_is_known_by_each_of_its_ids);
	tcase_add_test(tc, a_table_of_records);
	tcase_add_test(tc, an_update_fixes_what_came_after_the_old_version);
	tcase_add_test(tc, a_series_claims_what_is_whole);
	tcase_add_test(tc, a_fault_that_is_newer_or_fixed_twice);
	return fixture_run("series", tc);
}
