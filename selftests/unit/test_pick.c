// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pick.c - selections of an update's groups: what the diff of one holds, and what a
 * failed try adds to it.  test_package.c has how a file falls apart into groups.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "../../tools/klp-build/build_priv.h"
#include "../../tools/klp-build/package.h"
#include "../../tools/klp-build/target.h"

#define NR_FILES	5

static const char a_base[] =
	"int first(int a)\n{\n	a++;\n	a--;\n	a++;\n	a--;\n	return a;\n}\n"
	"\n"
	"int second(int a)\n{\n	return a;\n}\n"
	"\n"
	"int third(int a)\n{\n	return a + 3;\n}\n";
static const char a_fixed[] =
	"int first(int a)\n{\n	a += 2;\n	a--;\n	a++;\n	a -= 2;\n	return a;\n}\n"
	"\n"
	"int second(int a)\n{\n	if (a)\n		return 0;\n	return a;\n}\n"
	"\n"
	"int third(int a)\n{\n	return lent(a);\n}\n";

static struct pkg_file files[NR_FILES];
static struct pkg pkg;
static struct target target;
static struct pick k;
static struct klp_err err;
static char *folder;

/* The source below the target, as pick_diff() finds it; @base NULL: a new file. */
static void file(struct pkg_file *f, const char *path, const char *base, const char *fixed)
{
	char *full = format("%s/src/%s", folder, path), *dir = strndup(full, (size_t)(strrchr(full, '/') - full));

	*f = (struct pkg_file){ .path = (char *)path, .base = (char *)base, .fixed = (char *)fixed,
				.unit = ends_with(path, ".c"), .text = true };
	ck_assert_int_eq(io_mkdirs(dir, 0755, NULL), 0);
	if (base)
		ck_assert_int_eq(io_write_atomic(full, base, strlen(base), 0644, NULL), 0);
	ck_assert_int_eq(pkg_split(f), 0);
	free(dir);
	free(full);
}

static void setup(void)
{
	folder = fixture_folder();
	memset(&err, 0, sizeof(err));
	memset(&target, 0, sizeof(target));
	target.dir = folder;
	file(&files[0], "net/a.c", a_base, a_fixed);
	file(&files[1], "net/b.c", "int x;\n",
	     "int x;\n\nstatic int before;\n\nint lent(int a)\n{\n	return a;\n}\n");
	file(&files[2], "include/net/new.h", NULL, "int fresh(void);\n");
	file(&files[3], "net/gone.c", "int gone;\n", NULL);
	file(&files[4], "net/b.h", "int x;\n", "int x;\nint lent(int a);\n");
	pkg = (struct pkg){ .target = &target, .files = files, .nr_files = NR_FILES };
	ck_assert_int_eq(pick_init(&k, &pkg), 0);
}

static void teardown(void)
{
	pick_free(&k);
	for (size_t f = 0; f < NR_FILES; f++)
		pkg_unsplit(&files[f]);
	fixture_remove(folder);
}

static size_t group_of(size_t f, const char *piece)
{
	for (size_t i = 0; i < files[f].nr_hunks; i++)
		if (!strcmp(files[f].hunks[i].piece, piece))
			return files[f].hunks[i].group;
	ck_abort_msg("no hunk in %s", piece);
	return 0;
}

static void set(size_t f, size_t group)
{
	ck_assert_int_eq(pick_set(&k, f, group, true), 0);
}

/* The diff of what is picked, without the names of its files' base. */
static char *diff(void)
{
	char *d = NULL;

	ck_assert_msg(!pick_diff(&k, &d, &err), "%s", err.text);
	return d;
}

static size_t lines(const char *d, const char *begin)
{
	size_t n = 0;

	for (const char *p = d; *p; p += strcspn(p, "\n"), p += *p == '\n')
		n += !strncmp(p, begin, strlen(begin));
	return n;
}

START_TEST(one_function_is_one_group)
{
	ck_assert_uint_eq(files[0].nr_hunks, 4);
	ck_assert_uint_eq(files[0].nr_groups, 3);
}
END_TEST

/* Hunks before, between and behind those that are picked stay as they were. */
START_TEST(the_diff_has_what_is_picked_alone)
{
	char *d;

	set(0, group_of(0, "first"));
	d = diff();
	ck_assert_msg(strstr(d, "\n-	a++;\n+	a += 2;\n") && strstr(d, "\n-	a--;\n+	a -= 2;\n"), "%s", d);
	ck_assert_uint_eq(lines(d, "+	"), 2);
	ck_assert_uint_eq(lines(d, "-	"), 2);
	free(d);
	ck_assert_int_eq(pick_set(&k, 0, group_of(0, "first"), false), 0);
	set(0, group_of(0, "second"));
	d = diff();
	ck_assert_msg(strstr(d, "\n+	if (a)\n+		return 0;\n"), "%s", d);
	ck_assert_uint_eq(lines(d, "+	"), 2);
	ck_assert_uint_eq(lines(d, "-	"), 0);
	free(d);
	set(0, group_of(0, "third"));
	d = diff();
	ck_assert_msg(strstr(d, "\n-	return a + 3;\n+	return lent(a);\n"), "%s", d);
	ck_assert_uint_eq(lines(d, "+	"), 3);
	free(d);
}
END_TEST

START_TEST(new_files)
{
	char *d;

	set(2, 0);
	set(1, 0);
	d = diff();
	ck_assert_msg(strstr(d, "include/net/new.h") && strstr(d, "\n+int fresh(void);\n"), "%s", d);
	ck_assert_msg(strstr(d, "/dev/null"), "%s", d);
	ck_assert_ptr_nonnull(strstr(d, "\n+int lent(int a)\n"));
	ck_assert_ptr_null(strstr(d, "net/a.c"));
	free(d);
}
END_TEST

START_TEST(a_copy_is_its_own)
{
	struct pick copy;

	set(0, 1);
	ck_assert_int_eq(pick_copy(&copy, &k), 0);
	ck_assert(pick_has(&copy, 0, 1) && !pick_has(&copy, 0, 0) && !pick_has(&copy, 1, 0));
	ck_assert_int_eq(pick_set(&copy, 0, 1, false), 0);
	ck_assert(pick_empty(&copy) && !pick_empty(&k));
	pick_free(&copy);
}
END_TEST

/* What the linker lacks comes from another unit, never from the header that declares it. */
START_TEST(a_refused_symbol_brings_in_its_unit)
{
	json_t *v = json_pack("{s:[{s:s,s:s},{s:s,s:s}]}", "refusals", "reason", "init", "why", "fresh() has run",
			      "reason", "symbol", "why", "it uses lent, which no kernel has");

	set(0, group_of(0, "third"));
	ck_assert_uint_eq(pick_extend(&k, v), 1);
	ck_assert(pick_has(&k, 1, 0) && !pick_has(&k, 4, 0) && !pick_has(&k, 2, 0));
	ck_assert_uint_eq(pick_extend(&k, v), 0);
	json_decref(v);
}
END_TEST

/* A header that is new comes in by its name (loop: or by the way to it); notes and warnings bring in nothing. */
START_TEST(messages)
{
	json_t *fatal = json_pack("{s:s}", "message", _i ?
				  "net/a.c:1:10: fatal error: ../../net/new.h: No such file\n" :
				  "net/a.c:1:10: fatal error: net/new.h: No such file\n");
	json_t *part = json_pack("{s:s}", "message", "net/a.c:1:10: fatal error: ew.h: No such file\n");
	json_t *warning = json_pack("{s:s}", "message", "net/a.c:1: warning: 'lent' defined but not used\n"
				    "net/a.c:1: note: 'lent' is here\n");
	json_t *error = json_pack("{s:s}", "message", "net/a.c:1: note: in\nnet/a.c:1: error: 'lent' undeclared\n");

	set(0, group_of(0, "third"));
	ck_assert_uint_eq(pick_extend(&k, warning), 0);
	ck_assert_uint_eq(pick_extend(&k, part), 0);
	ck_assert_uint_eq(pick_extend(&k, fatal), 1);
	ck_assert(pick_has(&k, 2, 0));
	ck_assert_uint_eq(pick_extend(&k, error), 1);
	ck_assert(pick_has(&k, 4, 0) && !pick_has(&k, 1, 0));
	json_decref(fatal);
	json_decref(part);
	json_decref(warning);
	json_decref(error);
}
END_TEST

/* Many headers bring a member of that name: the struct tells which. */
START_TEST(a_missing_member_brings_in_its_struct)
{
	static char paths[6][24], olds[6][48], news[6][80];
	struct pkg_file f[6] = { 0 };
	struct pkg p = { .target = &target, .files = f, .nr_files = 6 };
	json_t *v = json_pack("{s:s}", "message",
			      "net/z.c:1:9: error: 'struct s3' has no member named 'rcu'\n");
	struct pick all;

	for (int i = 0; i < 6; i++) {
		snprintf(paths[i], sizeof(paths[i]), "include/net/h%d.h", i);
		snprintf(olds[i], sizeof(olds[i]), "struct s%d {\n	int a;\n};\n", i);
		snprintf(news[i], sizeof(news[i]), "struct s%d {\n	int a;\n	struct rcu_head rcu;\n};\n", i);
		f[i] = (struct pkg_file){ .path = paths[i], .base = olds[i], .fixed = news[i], .text = true };
		ck_assert_int_eq(pkg_split(&f[i]), 0);
	}
	ck_assert_int_eq(pick_init(&all, &p), 0);
	ck_assert_uint_eq(pick_extend(&all, v), 1);
	ck_assert(pick_has(&all, 3, 0));
	pick_free(&all);
	for (int i = 0; i < 6; i++)
		pkg_unsplit(&f[i]);
	json_decref(v);
}
END_TEST

static const struct {
	const char *text, *name;
	enum pkg_scope in_c, in_h;
} scopes[] = {
	{ "int f(int a)\n{\n	return a;\n}\n", "f", PKG_SHARED, PKG_SHARED },
	{ "static int f(int a)\n{\n	return a;\n}\n", "f", PKG_LOCAL, PKG_SHARED },
	{ "static struct tracer mmio __read_mostly = {\n	.name = 1,\n};\n", "mmio", PKG_LOCAL, PKG_SHARED },
	{ "struct x table[2] __aligned(8) = { { 1 } };\n", "table", PKG_SHARED, PKG_SHARED },
	{ "struct cache {\n	int a;\n};\n", "cache", PKG_TYPE, PKG_TYPE },
	{ "union cache {\n	int a;\n};\n", "cache", PKG_TYPE, PKG_TYPE },
	{ "typedef struct cache {\n	int a;\n} cache_t;\n", "cache", PKG_TYPE, PKG_TYPE },
	{ "enum state {\n	OFF, ON,\n};\n", "state", PKG_LOCAL, PKG_SHARED },
	{ "#define MAX_AGE 12\n", "MAX_AGE", PKG_LOCAL, PKG_SHARED },
	{ "SYSCALL_DEFINE1(close, int, fd)\n{\n	return fd;\n}\n", "close", PKG_SHARED, PKG_SHARED },
};

START_TEST(who_can_mean_a_name)
{
	/* New in the one, gone from the other. */
	struct pkg_file c = { .path = "a.c", .fixed = (char *)scopes[_i].text };
	struct pkg_file h = { .path = "a.h", .base = (char *)scopes[_i].text };

	ck_assert_int_eq(pkg_split(&c), 0);
	ck_assert_int_eq(pkg_split(&h), 0);
	ck_assert_str_eq(c.hunks[0].piece, scopes[_i].name);
	ck_assert_str_eq(h.hunks[0].piece, scopes[_i].name);
	ck_assert_int_eq(pkg_scope(&c, scopes[_i].name), scopes[_i].in_c);
	ck_assert_int_eq(pkg_scope(&h, scopes[_i].name), scopes[_i].in_h);
	pkg_unsplit(&c);
	pkg_unsplit(&h);
}
END_TEST

/* Three pieces, changed each: @n is in them. */
#define PIECES(n)	"static int own(int a)\n{\n	return a + " n ";\n}\n\n" \
			"int all(int a)\n{\n	return a + " n ";\n}\n\nstruct type {\n	int a[" n "];\n};\n"

/* own(), all() and struct type of net/x.c stay out; who else names one of them? */
static bool stays_out(const char *path, const char *names)
{
	char *text = format("int here(void)\n{\n	return %s(%s);\n}\n", names, names);
	struct pkg_file f[2] = {
		{ .path = (char *)path, .base = "int here(void)\n{\n	return 1;\n}\n", .fixed = text, .text = true },
		{ .path = "net/x.c", .base = PIECES("1"), .fixed = PIECES("2"), .text = true },
	};
	struct pkg p = { .target = &target, .files = f, .nr_files = 2 };
	json_t *l = json_pack("[{s:s,s:s,s:{s:[i]},s:[]},{s:s,s:s,s:{},s:[{s:s,s:[s,s,s]}]}]",
			      "file", path, "outcome", "built", "picked", path, 0, "parts",
			      "file", "net/x.c", "outcome", "refused", "picked", "parts",
			      "outcome", "refused", "pieces", "own", "all", "type");
	struct pick all;
	size_t dropped;

	ck_assert_ptr_nonnull(l);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pkg_split(&f[i]), 0);
	ck_assert_int_eq(pick_init(&all, &p), 0);
	ck_assert_int_eq(pick_set(&all, 0, 0, true), 0);
	dropped = changes_drop_dependent(l, &all);
	ck_assert_uint_eq(change_taken(json_array_get(l, 0)), !dropped);
	json_decref(l);
	pick_free(&all);
	for (int i = 0; i < 2; i++)
		pkg_unsplit(&f[i]);
	free(text);
	return dropped;
}

START_TEST(what_names_a_refused_function_stays_out)
{
	ck_assert(stays_out("net/a.c", "all"));
	ck_assert(!stays_out("net/a.c", "own"));
	ck_assert(!stays_out("net/a.c", "type"));
	ck_assert(!stays_out("net/a.c", "other"));
}
END_TEST

static json_t *refused(const char *reason, const char *what, const char *path)
{
	return json_pack("{s:s,s:[{s:s,s:s,s:s,s:i,s:s}]}", "outcome", "refused", "refusals", "reason", reason,
			 "function", what, "file", path, "line", 1, "why", "it grows");
}

/* A header's struct that one try has refused is refused with all that bring that change of it along. */
START_TEST(what_is_known_of_a_layout)
{
	struct build_options base = { .objects = folder };
	json_t *other = refused("signature", "x", "net/b.h"), *not_in = refused("struct", "struct y", "net/b.h"),
	       *v = refused("struct", "struct x", "net/deep/../b.h"), *out = NULL;

	set(0, group_of(0, "first"));
	set(4, 0);
	free(files[4].hunks[0].piece);
	files[4].hunks[0].piece = strdup("x");
	known_note(&k, &base, other);
	known_note(&k, &base, not_in);
	ck_assert(!known_refused(&k, &base, &out));
	known_note(&k, &base, v);
	ck_assert(known_refused(&k, &base, &out));
	ck_assert_str_eq(json_string_value(json_object_get(out, "outcome")), "refused");
	ck_assert(json_equal(json_object_get(out, "refusals"), json_object_get(v, "refusals")));
	json_decref(out);
	ck_assert_int_eq(pick_set(&k, 4, 0, false), 0);
	ck_assert(!known_refused(&k, &base, &out));
	set(4, 0);
	base.objects = NULL;
	ck_assert(!known_refused(&k, &base, &out));
	json_decref(other);
	json_decref(not_in);
	json_decref(v);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pick");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_function_is_one_group);
	tcase_add_test(tc, the_diff_has_what_is_picked_alone);
	tcase_add_test(tc, new_files);
	tcase_add_test(tc, a_copy_is_its_own);
	tcase_add_test(tc, a_refused_symbol_brings_in_its_unit);
	tcase_add_loop_test(tc, messages, 0, 2);
	tcase_add_test(tc, a_missing_member_brings_in_its_struct);
	tcase_add_loop_test(tc, who_can_mean_a_name, 0, sizeof(scopes) / sizeof(scopes[0]));
	tcase_add_test(tc, what_names_a_refused_function_stays_out);
	tcase_add_test(tc, what_is_known_of_a_layout);
	return fixture_run("pick", tc);
}
