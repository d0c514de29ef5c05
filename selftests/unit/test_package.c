// SPDX-License-Identifier: GPL-2.0-or-later
/* test_package.c - an update taken apart: hunks, groups, selections, CVE numbers. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "fixture.h"
#include "../../tools/klp-build/package.h"

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

	ck_assert_int_eq(pkg_split(&f), 0);
	return f;
}

static size_t group_of(const struct pkg_file *f, const char *piece)
{
	for (size_t i = 0; i < f->nr_hunks; i++)
		if (!strcmp(f->hunks[i].piece, piece))
			return f->hunks[i].group;
	ck_abort_msg("no hunk in %s", piece);
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

	ck_assert_int_eq(pkg_split(&f), 0);
	ck_assert_uint_ge(f.nr_hunks, 1);
	for (size_t i = 0; i < f.nr_hunks; i++) {
		ck_assert_str_ne(f.hunks[i].piece, "struct");
		ck_assert_str_ne(f.hunks[i].piece, "int");
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

static struct pkg_file header(void)
{
	struct pkg_file h = { .path = "include/linux/x.h", .base = "int old(void);\n",
			      .fixed = "int old(void);\nint helper2(int a);\n" };

	ck_assert_int_eq(pkg_split(&h), 0);
	return h;
}

START_TEST(a_message_brings_in_the_header)
{
	struct pkg_file files[] = { split(), header() };
	struct pkg p = { .files = files, .nr_files = 2 };
	struct pick k;
	json_t *v = json_pack("{s:s}", "message",
			      "cannot compile a.c:\na.c:1:9: error: implicit declaration of function 'helper2'");
	json_t *other = json_pack("{s:s}", "message", "a.c:1:9: error: 'unheard' undeclared");

	files[0].path = "a.c";
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert(pick_empty(&k));
	ck_assert_uint_eq(pick_extend(&k, other), 0);
	ck_assert_uint_eq(pick_extend(&k, v), 1);
	ck_assert(pick_has(&k, 1, 0));
	ck_assert(!pick_has(&k, 0, 0));
	/* Nothing is added twice, so that trying comes to an end. */
	ck_assert_uint_eq(pick_extend(&k, v), 0);
	json_decref(v);
	json_decref(other);
	pick_free(&k);
	pkg_unsplit(&files[0]);
	pkg_unsplit(&files[1]);
}
END_TEST

/* What an error leads to in the file where it lies. */
static void check_extended(const char *message, const char *piece)
{
	struct pkg_file files[] = { split(), header() };
	struct pkg p = { .files = files, .nr_files = 2 };
	struct pick k;
	json_t *v = json_pack("{s:s,s:s}", "message", "cut short", "compiler", message);

	files[0].path = "net/a.c";
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert_uint_eq(pick_extend(&k, v), piece ? 1 : 0);
	if (piece)
		ck_assert(pick_has(&k, 0, group_of(&files[0], piece)));
	json_decref(v);
	pick_free(&k);
	pkg_unsplit(&files[0]);
	pkg_unsplit(&files[1]);
}

START_TEST(an_error_brings_in_the_change_where_it_lies)
{
	/* Line 9 of the base is in user(). */
	check_extended("/tmp/w/patched/net/a.c:9:2: error: too few arguments to function 'x'\n", "user");
	check_extended("/tmp/w/patched/net/b.c:9:2: error: too few arguments to function 'x'\n", NULL);
	check_extended("/tmp/w/patched/net/a.c:9:2: warning: too few arguments\n", NULL);
	/* Line 1 is in no change, but names one. */
	check_extended("net/a.c:1:2: error: initialization of 'int' from 'char'\n"
		       "    1 |  .validate = alone,\n", "alone");
	check_extended("net/a.c:1:2: error: initialization of 'int' from 'char'\n"
		       "    1 |  .validate = \"alone\",\n", NULL);
	/* The function is declared in another file than the error is in. */
	check_extended("net/b.h:1:2: error: too few arguments to function 'x'\n"
		       "net/a.c:9:13: note: declared here\n", "user");
	check_extended("net/b.h:1:2: error: too few arguments to function 'x'\n"
		       "net/a.c:9:13: note: in expansion of x\n", NULL);
}
END_TEST

/* The header's change takes a name away that the message has. */
START_TEST(an_undeclared_name_brings_in_the_includes)
{
	struct pkg_file f = { .path = "net/a.c", .base = "#include <a.h>\n\nint x;\n",
			      .fixed = "#include <a.h>\n#include <b.h>\n\nint x, y;\n" };
	struct pkg p = { .files = &f, .nr_files = 1 };
	struct pick k;
	json_t *v = json_pack("{s:s}", "message", "net/a.c:1:9: error: '__SCT__z' undeclared");

	ck_assert_int_eq(pkg_split(&f), 0);
	ck_assert_uint_eq(f.nr_hunks, 2);
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert_uint_eq(pick_extend(&k, v), 1);
	ck_assert(pick_has(&k, 0, f.hunks[0].group));
	ck_assert(!pick_has(&k, 0, f.hunks[1].group));
	json_decref(v);
	pick_free(&k);
	pkg_unsplit(&f);
}
END_TEST

/* fs/server/a.c says so: is it this one? */
static const struct {
	char *unit, *header;
	bool meant;
} included[] = {
	{ "#include \"../common/glob.h\"\n", "fs/common/glob.h", true },
	{ "#include \"../common/glob.h\"\n", "fs/common/global.h", false },
	{ "#include \"../common/glob.h\"\n", "fs/uncommon/glob.h", false },
	{ "#include \"glob.h\"\n", "fs/server/lib/glob.h", true },
	{ "#include \"glob.h\"\n", "fs/other/glob.h", false },
	{ "#include <net/glob.h>\n", "fs/api/net/glob.h", true },
	{ "#include <net/glob.h>\n", "kernel/glob.h", false },
};

START_TEST(a_header_that_is_included)
{
	char *text = format("%sint x;\n", included[_i].unit);
	struct pkg_file files[] = {
		{ .path = "fs/server/a.c", .base = "int x;\n", .fixed = text },
		{ .path = included[_i].header, .base = "int y;\n", .fixed = "int y;\nstruct values { int z; };\n" },
	};
	struct pkg p = { .files = files, .nr_files = 2 };
	json_t *v = json_pack("{s:s}", "message", "fs/server/a.c:1:9: error: 'struct values' has no member named 'z'");
	struct pick k;

	ck_assert_int_eq(pkg_split(&files[0]), 0);
	ck_assert_int_eq(pkg_split(&files[1]), 0);
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert_int_eq(pick_set(&k, 0, 0, true), 0);
	ck_assert_uint_eq(pick_extend(&k, v), included[_i].meant);
	ck_assert(pick_has(&k, 1, 0) == included[_i].meant);
	pick_free(&k);
	pkg_unsplit(&files[0]);
	pkg_unsplit(&files[1]);
	json_decref(v);
	free(text);
}
END_TEST

START_TEST(an_error_brings_in_a_removal)
{
	struct pkg_file h = { .path = "include/linux/x.h", .base = "int (*old)(struct nft_data *d);\n",
			      .fixed = "int (*old)(void);\n" };
	struct pkg_file files[] = { split(), h };
	struct pkg p = { .files = files, .nr_files = 2 };
	struct pick k;
	json_t *v = json_pack("{s:s}", "message",
			      "net/a.c:1:9: error: from 'const struct nft_ctx *, const struct nft_data *' to 'int'");

	files[0].path = "net/a.c";
	ck_assert_int_eq(pkg_split(&files[1]), 0);
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert_uint_eq(pick_extend(&k, v), 1);
	ck_assert(pick_has(&k, 1, 0));
	json_decref(v);
	pick_free(&k);
	pkg_unsplit(&files[0]);
	pkg_unsplit(&files[1]);
}
END_TEST

#define OPS(name, args)	"struct ops {\n	int (*" name ")(int a,\n			" args ");\n};\n"

/*
 * Where nothing else helps: the last name of a chain is a member whose type the update changes; the
 * change where the error lies names it; the line does, unchanged itself; a macro defines what it names,
 * or what the message, whose lines aren't the base's, shows of a new function; of a member that this names.
 */
static const struct {
	char *path, *base, *fixed, *message, *compiler;
} brought[] = {
	{ "include/linux/x.h", OPS("helper", "int b"), OPS("helper", "int b, int c"),
	  "net/b.c:1:9: error: too few arguments to function 'x->ops->helper'\n", NULL },
	{ "net/x.h", OPS("helper", "int b"), OPS("helper", "int b, int c"),
	  "net/a.c:9:9: error: passing argument 1 of 'call' from incompatible pointer type\n", NULL },
	{ "net/x.h", OPS("linux", "int b"), OPS("linux", "int b, int c"),
	  "net/a.c:1:9: error: passing argument 1 of 'call' from incompatible pointer type\n", NULL },
	{ "include/linux/x.h", OPS("far", "int b"), OPS("far", "int b") "DEFINE_FREE(helper, int, x)\n",
	  "net/a.c:9:9: error: cleanup argument not a function\n", NULL },
	{ "include/linux/x.h", OPS("far", "int b"), OPS("far", "int b") "DEFINE_FREE(helper, int, x)\n",
	  "net/a.c:99:9: error: cleanup argument not a function\n   99 | 	int a __free(helper) = 0;\n",
	  "net/a.c:1:9: error: cleanup argument not a function\n    1 | #include <linux/x.h>\n" },
	{ "include/linux/x.h", OPS("helper", "int b"), OPS("helper", "int b, int c"),
	  "net/a.c:99:9: error: passing argument 1 of 'get' from incompatible pointer type\n   99 | 	get(&x->helper)\n", NULL },
};

START_TEST(an_error_brings_in_what_it_means)
{
	struct pkg_file h = { .path = brought[_i].path, .base = brought[_i].base, .fixed = brought[_i].fixed };
	struct pkg_file files[] = { split(), h };
	struct pkg p = { .files = files, .nr_files = 2 };
	json_t *v = json_pack("{s:s,s:s*}", "message", brought[_i].message, "compiler", brought[_i].compiler),
	       *other = json_pack("{s:s}", "message", "net/b.c:1:9: error: cleanup argument not a function\n");
	struct pick k;

	files[0].path = "net/a.c";
	ck_assert_int_eq(pkg_split(&files[1]), 0);
	ck_assert_int_eq(pick_init(&k, &p), 0);
	ck_assert_int_eq(pick_set(&k, 0, group_of(&files[0], "user"), true), 0);
	ck_assert_uint_eq(pick_extend(&k, other), 0);
	ck_assert_uint_eq(pick_extend(&k, v), 1);
	ck_assert(pick_has(&k, 1, 0));
	json_decref(v);
	json_decref(other);
	pick_free(&k);
	pkg_unsplit(&files[0]);
	pkg_unsplit(&files[1]);
}
END_TEST

/* Another folder's own header that names the same thing isn't meant. */
START_TEST(a_header_out_of_reach)
{
	static char *const paths[] = { "drivers/far/common.h", "include/linux/a.h", "net/common.h",
				       "net/include/b.h", "net/far/include/b.h" };
	static const size_t added[] = { 0, 1, 1, 1, 0 };
	json_t *v = json_pack("{s:s}", "message",
			      "net/x/a.c:1:9: error: from incompatible pointer type 'const struct helper2 *' 'int (*)(int)'");

	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		struct pkg_file files[] = { split(), header() };
		struct pkg p = { .files = files, .nr_files = 2 };
		struct pick k;

		files[0].path = "net/x/a.c";
		files[1].path = paths[i];
		ck_assert_int_eq(pick_init(&k, &p), 0);
		ck_assert_int_eq(pick_set(&k, 0, 0, true), 0);
		ck_assert_uint_eq(pick_extend(&k, v), added[i]);
		pick_free(&k);
		pkg_unsplit(&files[0]);
		pkg_unsplit(&files[1]);
	}
	json_decref(v);
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
		"[{\"file\":\"a.c\",\"outcome\":\"built\",\"picked\":{\"a.c\":[0]}},"
		"{\"file\":\"b.c\",\"outcome\":\"built\",\"picked\":{\"b.c\":[0],\"x.h\":[1]}},"
		"{\"file\":\"c.c\",\"outcome\":\"refused\",\"picked\":{}}]", 0, NULL);
	json_t *names = json_loads("{\"refusals\":[{\"file\":\"a.c\",\"why\":\"it is late\"}]}", 0, NULL);
	json_t *header = json_loads("{\"refusals\":[{\"file\":\"x.h\",\"why\":\"it is a header\"}]}", 0, NULL);
	json_t *other = json_loads("{\"refusals\":[{\"file\":\"user.c\",\"why\":\"it clashes\"}]}", 0, NULL);
	json_t *says = json_loads("{\"message\":\"cannot compile a.c: no\",\"refusals\":[]}", 0, NULL);
	json_t *copy = json_deep_copy(l);

	ck_assert_uint_eq(changes_drop(copy, names), 1);
	ck_assert_str_eq(outcome_of(copy, 0), "it is late");
	ck_assert_str_eq(outcome_of(copy, 1), "in");
	ck_assert_uint_eq(changes_drop(copy, header), 1);
	ck_assert_str_eq(outcome_of(copy, 1), "it is a header");
	ck_assert_uint_eq(changes_drop(copy, names), 0);
	json_decref(copy);
	copy = json_deep_copy(l);
	/* Nobody's: who came with others' changes goes. */
	ck_assert_uint_eq(changes_drop(copy, other), 1);
	ck_assert_str_eq(outcome_of(copy, 0), "in");
	ck_assert_str_eq(outcome_of(copy, 1), "with the other changes, not by itself: it clashes");
	ck_assert_uint_eq(changes_drop(copy, other), 0);
	ck_assert_uint_eq(changes_drop(copy, says), 1);
	ck_assert_str_eq(outcome_of(copy, 0), "cannot compile a.c: no");
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
		"{\"outcome\":\"built\",\"pieces\":[\"f\"]},"
		"{\"outcome\":\"refused\",\"pieces\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"
		"\"refusals\":[{\"reason\":\"init\",\"why\":\"it has run\"}]},"
		"{\"outcome\":\"failed\",\"pieces\":[],\"message\":\"cannot compile z.c:\\nz.c:1:2: error: no\\nmore\"}]},"
		"{\"file\":\"m.c\",\"outcome\":\"no-change\",\"why\":\"not built\",\"parts\":[]},"
		"{\"file\":\"a.S\",\"outcome\":\"refused\",\"why\":\"it is assembly\",\"parts\":[]}]", 0, NULL);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(l);
	ck_assert_int_eq(pkg_sort_changes(l), 0);
	pkg_print_changes(l, out);
	fclose(out);
	ck_assert_str_eq(text,
			 "  refused    a.S: it is assembly\n"
			 "  partly     z.c\n"
			 "             - a, b, c, d and 1 more: init: it has run\n"
			 "             - (outside of functions): failed: error: no\n");
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

int main(void)
{
	TCase *tc = tcase_create("package");

	tcase_add_test(tc, what_needs_each_other_is_one_group);
	tcase_add_test(tc, a_keyword_is_no_name);
	tcase_add_test(tc, names_are_whole_words);
	tcase_add_test(tc, a_message_brings_in_the_header);
	tcase_add_test(tc, an_error_brings_in_the_change_where_it_lies);
	tcase_add_test(tc, an_undeclared_name_brings_in_the_includes);
	tcase_add_loop_test(tc, a_header_that_is_included, 0, sizeof(included) / sizeof(included[0]));
	tcase_add_test(tc, an_error_brings_in_a_removal);
	tcase_add_loop_test(tc, an_error_brings_in_what_it_means, 0, sizeof(brought) / sizeof(brought[0]));
	tcase_add_test(tc, a_header_out_of_reach);
	tcase_add_test(tc, what_stays_out_of_all_together);
	tcase_add_test(tc, changes_as_people_read_them);
	tcase_add_test(tc, cves_between_two_versions);
	return fixture_run("package", tc);
}
