// SPDX-License-Identifier: GPL-2.0-or-later
/* test_package.c - an update taken apart: hunks, groups, what stays out, CVE numbers. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "base/report.h"
#include "series/package.h"
#include "treefix.h"

static const char base[] =
	"#include <linux/x.h>\n"
	"\n"
	"static int alone(int a)\n"
	"{\n"
	"	return a + 1;\n"
	"}\n"
	"\n"
	"static int user(int a)\n"
	"{\n"
	"	return a + 2;\n"
	"}\n"
	"\n"
	"static int head(int a)\n"
	"{\n"
	"	return a + 3;\n"
	"}\n"
	"\n"
	"int caller(int a)\n"
	"{\n"
	"	return head(a) + user(a);\n"
	"}\n"
	"\n"
	"SYSCALL_DEFINE1(thing, int, a)\n"
	"{\n"
	"	return caller(a);\n"
	"}\n";

static const char fixed[] =
	"#include <linux/x.h>\n"
	"\n"
	"static int helper(int a)\n"
	"{\n"
	"	return a * 2;\n"
	"}\n"
	"\n"
	"static int alone(int a)\n"
	"{\n"
	"	return a + 11;\n"
	"}\n"
	"\n"
	"static int user(int a)\n"
	"{\n"
	"	return helper(a) + 2;\n"
	"}\n"
	"\n"
	"static int head(int a, int b)\n"
	"{\n"
	"	return a + 3;\n"
	"}\n"
	"\n"
	"int caller(int a)\n"
	"{\n"
	"	return head(a, 0) + user(a);\n"
	"}\n"
	"\n"
	"SYSCALL_DEFINE1(thing, int, a)\n"
	"{\n"
	"	return caller(a) - 1;\n"
	"}\n";

static struct pkg_file split(void)
{
	struct pkg_file f = { .base = (char *)base, .fixed = (char *)fixed };

	pkg_split(&f);
	return f;
}

static size_t group_of(const struct pkg_file *f, const char *decl)
{
	for (size_t i = 0; i < f->nr_hunks; i++)
		if (!strcmp(f->hunks[i].decl, decl))
			return f->hunks[i].group;
	ck_abort_msg("no hunk in %s", decl);
	return 0;
}

START_TEST(what_needs_each_other_is_one_group)
{
	struct pkg_file f = split();

	ck_assert_uint_eq(group_of(&f, "helper"), group_of(&f, "user"));
	ck_assert_uint_eq(group_of(&f, "head"), group_of(&f, "caller"));
	ck_assert_uint_ne(group_of(&f, "alone"), group_of(&f, "user"));
	ck_assert_uint_ne(group_of(&f, "alone"), group_of(&f, "head"));
	ck_assert_uint_ne(group_of(&f, "user"), group_of(&f, "head"));
	/* A syscall goes by its own name. */
	ck_assert_uint_ne(group_of(&f, "thing"), group_of(&f, "alone"));
	ck_assert_uint_eq(f.nr_groups, 4);
	pkg_unsplit(&f);
}
END_TEST

/* What has no name isn't taken for one that half the kernel mentions. */
START_TEST(a_keyword_is_no_name)
{
	struct pkg_file f = { .base = "static const struct {\n	int a;\n} list[] = { { 1 } };\nint (*call)(int);\n",
			      .fixed = "static const struct {\n	int a, b;\n} list[] = { { 1 } };\nint (*call)(long);\n" };

	pkg_split(&f);
	ck_assert_uint_ge(f.nr_hunks, 1);
	for (size_t i = 0; i < f.nr_hunks; i++) {
		ck_assert_str_ne(f.hunks[i].decl, "struct");
		ck_assert_str_ne(f.hunks[i].decl, "int");
	}
	pkg_unsplit(&f);
}
END_TEST

START_TEST(names_are_whole_words)
{
	ck_assert(pkg_mentions("x = foo(1);", "foo"));
	ck_assert(!pkg_mentions("x = foo_bar(1);", "foo"));
	ck_assert(!pkg_mentions("x = a_foo(1);", "foo"));
	ck_assert(pkg_mentions("a_foo, foo", "foo"));
	ck_assert(!pkg_mentions("anything", ""));
}
END_TEST

static const char *outcome_of(json_t *changes, size_t i)
{
	json_t *c = json_array_get(changes, i);

	return change_taken(c) ? "in" : json_string_value(json_object_get(c, "why"));
}

START_TEST(what_stays_out_of_all_together)
{
	json_t *l = json_loads(
		"[{\"file\":\"a.c\",\"outcome\":\"built\",\"with\":[\"a.c\"]},"
		"{\"file\":\"b.c\",\"outcome\":\"built\",\"with\":[\"b.c\",\"x.h\"]},"
		"{\"file\":\"c.c\",\"outcome\":\"refused\",\"with\":[\"c.c\"]}]", 0, NULL);
	json_t *names = json_loads("{\"outcome\":\"refused\",\"refusals\":[{\"file\":\"a.c\",\"why\":\"it is late\"}]}", 0, NULL);
	json_t *header = json_loads("{\"outcome\":\"refused\",\"refusals\":[{\"file\":\"x.h\",\"why\":\"it is a header\"}]}", 0, NULL);
	json_t *other = json_loads("{\"outcome\":\"failed\",\"not_compiled\":[\"user.c\"],\"refusals\":[]}", 0, NULL);
	json_t *says = json_loads("{\"outcome\":\"failed\",\"message\":\"cannot compile b.c\",\"not_compiled\":[\"a.c\"]}", 0, NULL);
	json_t *copy = json_deep_copy(l);

	ck_assert_uint_eq(join_drop(copy, names), 1);
	ck_assert_str_eq(outcome_of(copy, 0), "it is late");
	ck_assert_str_eq(outcome_of(copy, 1), "in");
	ck_assert_uint_eq(join_drop(copy, header), 1);
	ck_assert_str_eq(outcome_of(copy, 1), "it is a header");
	ck_assert_uint_eq(join_drop(copy, names), 0);
	json_decref(copy);
	copy = json_deep_copy(l);
	/* Nobody's: who came with others' changes goes. */
	ck_assert_uint_eq(join_drop(copy, other), 1);
	ck_assert_str_eq(outcome_of(copy, 0), "in");
	ck_assert_str_ne(outcome_of(copy, 1), "in");
	ck_assert_uint_eq(join_drop(copy, other), 0);
	/* What the compiler said plays no part, which units it was does. */
	ck_assert_uint_eq(join_drop(copy, says), 1);
	ck_assert_str_ne(outcome_of(copy, 0), "in");
	json_decref(copy);
	json_decref(says);
	json_decref(other);
	json_decref(header);
	json_decref(names);
	json_decref(l);
}
END_TEST

START_TEST(changes_as_people_read_them)
{
	json_t *l = json_loads(
		"[{\"file\":\"z.c\",\"outcome\":\"partly\",\"parts\":["
		"{\"outcome\":\"built\",\"declarations\":[\"f\"]},"
		"{\"outcome\":\"refused\",\"declarations\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"
		"\"refusals\":[{\"reason\":\"init\",\"why\":\"it has run\"}]},"
		"{\"outcome\":\"failed\",\"declarations\":[],\"message\":\"cannot compile z.c:\\nz.c:1:2: error: no\\nmore\"}]},"
		"{\"file\":\"m.c\",\"outcome\":\"no-change\",\"why\":\"not built\",\"parts\":[]},"
		"{\"file\":\"a.S\",\"outcome\":\"refused\",\"why\":\"it is assembly\",\"parts\":[]}]", 0, NULL);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(l);
	pkg_sort_changes(l);
	pkg_print_changes(l, out);
	fclose(out);
	ck_assert_str_eq(text,
			 "  refused    a.S: it is assembly\n"
			 "  partly     z.c\n"
			 "             - a, b, c, d and 1 more: init: it has run\n"
			 "             - (outside of functions): failed: cannot compile z.c:\n");
	free(text);
	json_decref(l);
}
END_TEST

static const char changelog[] =
	"linux (6.1.192-1) bookworm-security; urgency=high\n"
	"\n"
	"  * New upstream stable update:\n"
	"    - too: new (CVE-2026-99999)\n"
	"\n"
	" -- A <a@b>  Mon, 1 Jan 2026 00:00:00 +0000\n"
	"\n"
	"linux (6.1.187-1) bookworm-security; urgency=high\n"
	"\n"
	"  * New upstream stable update:\n"
	"    - smb: client: fix out-of-bounds read in\n"
	"      coalesce_t2() (CVE-2026-89633)\n"
	"    - no number here\n"
	"    - two of them (CVE-2026-11111,\n"
	"      CVE-2026-22222)\n"
	"\n"
	" -- A <a@b>  Mon, 1 Jan 2026 00:00:00 +0000\n"
	"\n"
	"linux (6.1.176-1) bookworm-security; urgency=high\n"
	"\n"
	"    - has it already (CVE-2026-33333)\n";

static const char *member(json_t *list, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(list, i), key));
}

START_TEST(cves_between_two_versions)
{
	json_t *l = changelog_cves(changelog, "6.1.176-1", "6.1.187-1");

	ck_assert_uint_eq(json_array_size(l), 3);
	ck_assert_str_eq(member(l, 0, "cve"), "CVE-2026-89633");
	ck_assert_str_eq(member(l, 0, "title"),
			 "smb: client: fix out-of-bounds read in coalesce_t2()");
	ck_assert_str_eq(member(l, 0, "version"), "6.1.187-1");
	ck_assert_str_eq(member(l, 1, "cve"), "CVE-2026-11111");
	ck_assert_str_eq(member(l, 2, "cve"), "CVE-2026-22222");
	ck_assert_str_eq(member(l, 2, "title"), "two of them");
	json_decref(l);
}
END_TEST

/* ---- what a unit needs ---- */

/* A changed file: the tree has its old text, @text is the new one. */
static void add_changed(struct treefix *t, struct pkg *p, const char *path, bool unit, const char *text)
{
	char *to = format("new/tree/%s", path), *from = format("src/%s", path);
	struct pkg_file *f = &p->files[p->nr_files++];

	tree_file(t, to, text);
	*f = (struct pkg_file){ .path = strdup(path), .unit = unit, .text = true, .base = tree_read(t, from), .fixed = strdup(text) };
	free(from);
	free(to);
}

/* Headers that are included through "..", out of folders in which nothing changes. */
START_TEST(headers_through_parent_folders)
{
	struct treefix t;
	struct pkg p = { .files = calloc(4, sizeof(*p.files)) };
	struct report *quiet = report_new(true, false, stdout);
	bool on[] = { false, false, false, true }, enough = false;
	struct need *n = NULL;

	tree_setup(&t);
	p.target = t.target;
	tree_file(&t, "src/fs/common/other.h", "#define OTHER 1\n");
	tree_file(&t, "src/fs/common/ver.h", "struct ver { int a; };\n");
	tree_file(&t, "src/fs/srv/conn.h", "#include \"../common/ver.h\"\n#include \"../common/other.h\"\nstruct conn { struct ver v; };\n");
	tree_file(&t, "src/fs/srv/mgmt/user.h", "#ifndef U\n#define U\n#include \"../conn.h\"\n#endif\n");
	tree_unit(&t, "fs/srv/x.c", "", "#include \"mgmt/user.h\"\nint f(struct conn *c) { return c->v.a; }\n");
	tree_load(&t);
	add_changed(&t, &p, "fs/common/other.h", false, "#define OTHER 2\n");
	add_changed(&t, &p, "fs/common/ver.h", false, "struct ver { int a, b; };\n");
	add_changed(&t, &p, "fs/srv/conn.h", false, "#include \"../common/ver.h\"\n#include \"../common/other.h\"\nstruct conn { struct ver w; };\n");
	add_changed(&t, &p, "fs/srv/x.c", true, "#include \"mgmt/user.h\"\nint f(struct conn *c) { return c->w.b; }\n");
	p.dir = fixture_path(t.folder, "new");
	ck_assert_msg(!need_open(&p, t.b.workdir, quiet, &n, &t.err), "%s", t.err.text);
	ck_assert_msg(!need_headers(n, "fs/srv/x.c", on, &enough, &t.err), "%s", t.err.text);
	ck_assert(enough);
	ck_assert(!on[0] && on[1] && on[2] && on[3]);
	need_close(n);
	report_free(quiet);
	pkg_free(&p);
	tree_teardown(&t);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("package");

	tcase_add_test(tc, what_needs_each_other_is_one_group);
	tcase_add_test(tc, a_keyword_is_no_name);
	tcase_add_test(tc, names_are_whole_words);
	tcase_add_test(tc, what_stays_out_of_all_together);
	tcase_add_test(tc, changes_as_people_read_them);
	tcase_add_test(tc, cves_between_two_versions);
	tcase_add_test(tc, headers_through_parent_folders);
	return fixture_run("package", tc);
}
