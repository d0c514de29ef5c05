// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pick.c - which files of an update go in, or parts of them: what the diff of those holds, and
 * which stay out with others.  test_package.c has how a file falls apart into groups.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "fixture.h"
#include "io.h"
#include "pipeline/build_run.h"
#include "series/cves.h"
#include "series/package.h"
#include "target/target.h"

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
static char *sources[] = { "net/b.c" };
static bool picked[NR_FILES];
static struct klp_err err;
static char *folder;

/* The source below the target, as pkg_diff() finds it; @base NULL: a new file. */
static void file(struct pkg_file *f, const char *path, const char *base, const char *fixed)
{
	char *full = format("%s/src/%s", folder, path), *dir = strndup(full, (size_t)(strrchr(full, '/') - full));

	*f = (struct pkg_file){ .path = (char *)path, .base = (char *)base, .fixed = (char *)fixed,
				.unit = ends_with(path, ".c"), .text = true };
	ck_assert_int_eq(io_mkdirs(dir, 0755, NULL), 0);
	if (base)
		ck_assert_int_eq(io_write_atomic(full, base, strlen(base), 0644, NULL), 0);
	pkg_split(f);
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
	memset(picked, false, sizeof(picked));
	target.version = "6.1.176-1";
	target.major = 6;
	target.minor = 1;
	pkg = (struct pkg){ .target = &target, .files = files, .nr_files = NR_FILES, .version = "6.1.192-2",
			    .sources = { sources, 1 } };
}

static void teardown(void)
{
	for (size_t f = 0; f < NR_FILES; f++) {
		pkg_unsplit(&files[f]);
		free(files[f].part);
	}
	fixture_remove(folder);
}

static size_t group_of(size_t f, const char *decl)
{
	for (size_t i = 0; i < files[f].nr_hunks; i++)
		if (!strcmp(files[f].hunks[i].decl, decl))
			return files[f].hunks[i].group;
	ck_abort_msg("no hunk in %s", decl);
	return 0;
}

static void set(size_t f, size_t group)
{
	picked[f] = true;
	if (!files[f].part)
		files[f].part = calloc(files[f].nr_groups + 1, sizeof(bool));
	files[f].part[group] = true;
}

/* The diff of what is picked, without the names of its files' base. */
static char *diff(void)
{
	char *d = NULL;

	ck_assert_msg(!pkg_diff(&pkg, picked, &d, &err), "%s", err.text);
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
	files[0].part[group_of(0, "first")] = false;
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

	pkg_split(&c);
	pkg_split(&h);
	ck_assert_str_eq(c.hunks[0].decl, scopes[_i].name);
	ck_assert_str_eq(h.hunks[0].decl, scopes[_i].name);
	ck_assert_int_eq(pkg_scope(&c, scopes[_i].name), scopes[_i].in_c);
	ck_assert_int_eq(pkg_scope(&h, scopes[_i].name), scopes[_i].in_h);
	pkg_unsplit(&c);
	pkg_unsplit(&h);
}
END_TEST

/* Three declarations, changed each: @n is in them. */
#define DECLARATIONS(n)	"static int own(int a)\n{\n	return a + " n ";\n}\n\n" \
			"int all(int a)\n{\n	return a + " n ";\n}\n\nstruct type {\n	int a[" n "];\n};\n"

/* own(), all() and struct type of net/x.c stay out; who else names one of them? */
static bool stays_out(const char *path, const char *names)
{
	char *text = format("int here(void)\n{\n	return %s(%s);\n}\n", names, names);
	struct pkg_file f[2] = {
		{ .path = (char *)path, .base = "int here(void)\n{\n	return 1;\n}\n", .fixed = text, .text = true },
		{ .path = "net/x.c", .base = DECLARATIONS("1"), .fixed = DECLARATIONS("2"), .text = true },
	};
	struct pkg p = { .target = &target, .files = f, .nr_files = 2 };
	json_t *l = json_pack("[{s:s,s:s,s:[s]},{s:s,s:s,s:[s]}]", "file", path, "outcome", "built", "with", path,
			      "file", "net/x.c", "outcome", "refused", "with", "net/x.c");
	struct cves none = { 0 };
	size_t dropped;

	ck_assert_ptr_nonnull(l);
	for (int i = 0; i < 2; i++)
		pkg_split(&f[i]);
	dropped = join_drop_tied(&p, l, &none);
	ck_assert_uint_eq(change_taken(json_array_get(l, 0)), !dropped);
	json_decref(l);
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

/* a.c and b.c fix one CVE: without the one the other stays out as well; half of it in is without it. */
static const struct {
	const char *b, *fixed;
	bool in;
	const char *fate;
} cve_cases[] = {
	{ "built", "6.1.180", true, "covered" },
	{ "refused", "6.1.180", false, "refused" },
	{ "failed", "6.1.180", false, "refused" },
	{ "partly", "6.1.180", false, "refused" },
	/* Its file's change makes no code: nothing lacks. */
	{ "no-change", "6.1.180", true, "covered" },
	/* The kernel has that fix already; and this one isn't in the package. */
	{ "refused", "6.1.170", true, NULL },
	{ "refused", "6.1.193", true, NULL },
};

/* Of --only, a.c alone was looked at: a record that names another file that may matter isn't covered, nor is it nothing. */
static const struct {
	const char *other;
	bool in;
	const char *fate;
} unseen_cases[] = {
	{ "net/b.c", false, "refused" },
	{ "net/gone.c", false, "refused" },
	{ "net/gone.S", false, "refused" },
	{ "include/net/new.h", true, "covered" },
	{ "net/same.c", true, "covered" },
};

START_TEST(files_that_werent_looked_at)
{
	char *names[] = { (char *)unseen_cases[_i].other, (char *)"net/a.c" }, *alone[] = { (char *)"net/b.c" };
	struct cve_fix fix = { .fixed = "6.1.180" };
	struct cve_record r[] = {
		{ .name = "CVE-2026-0001", .title = "t", .fixes = &fix, .nr_fixes = 1, .files = { names, 2 } },
		{ .name = "CVE-2026-0002", .title = "t", .fixes = &fix, .nr_fixes = 1, .files = { alone, 1 } },
	};
	struct cves records = { r, 2 };
	json_t *l = json_pack("[{s:s,s:s,s:[s]}]", "file", "net/a.c", "outcome", "built", "with", "net/a.c"), *told = json_array();
	struct strings covered = { 0 };
	char *units[] = { (char *)"net/a.c", (char *)"net/b.c" };
	bool *on;

	pkg.sources = (struct strings){ units, 2 };
	if (ends_with(unseen_cases[_i].other, ".S")) {
		files[3].path = (char *)unseen_cases[_i].other;
		files[3].text = files[3].unit = false;
	}
	for (size_t h = 0; h < files[1].nr_hunks; h++)
		files[1].hunks[h].scope = PKG_TYPE;
	on = join_on(&pkg, l);
	pkg_cves(&pkg, on, l, &records, told, &covered);
	ck_assert_uint_eq(json_array_size(told), 1);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(told, 0), "outcome")),
			 unseen_cases[_i].in ? "covered" : "partly");
	ck_assert_uint_eq(covered.nr, unseen_cases[_i].in);
	free(on);
	json_array_clear(told);
	strings_free(&covered);
	while (join_drop_tied(&pkg, l, &records))
		;
	on = join_on(&pkg, l);
	ck_assert_int_eq(on[0], unseen_cases[_i].in);
	pkg_cves(&pkg, on, l, &records, told, &covered);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(told, 0), "outcome")), unseen_cases[_i].fate);
	strings_free(&covered);
	free(on);
	json_decref(told);
	json_decref(l);
}
END_TEST

START_TEST(the_files_of_a_cve_go_together)
{
	static const char lent[] = "net/a.c", gone[] = "net/b.c";
	char *names[] = { (char *)lent, (char *)gone };
	struct cve_fix fix = { .fixed = "" };
	struct cve_record r = { .name = "CVE-2026-0001", .title = "t", .fixes = &fix, .nr_fixes = 1, .files = { names, 2 } };
	struct cves records = { &r, 1 };
	json_t *l = json_pack("[{s:s,s:s,s:[s]},{s:s,s:s,s:[s],s:[]}]", "file", lent, "outcome", "built", "with", lent,
			      "file", gone, "outcome", cve_cases[_i].b, "with", gone, "groups"), *told = json_array();
	struct strings covered = { 0 };
	bool *on;

	snprintf(fix.fixed, sizeof(fix.fixed), "%s", cve_cases[_i].fixed);
	/* No name ties them. */
	for (size_t h = 0; h < files[1].nr_hunks; h++)
		files[1].hunks[h].scope = PKG_TYPE;
	while (join_drop_tied(&pkg, l, &records))
		;
	ck_assert_int_eq(change_taken(json_array_get(l, 0)), cve_cases[_i].in);
	on = join_on(&pkg, l);
	ck_assert_int_eq(on[0], cve_cases[_i].in);
	pkg_cves(&pkg, on, l, &records, told, &covered);
	ck_assert_uint_eq(json_array_size(told), cve_cases[_i].fate != NULL);
	if (cve_cases[_i].fate)
		ck_assert_str_eq(json_string_value(json_object_get(json_array_get(told, 0), "outcome")), cve_cases[_i].fate);
	ck_assert_uint_eq(covered.nr, cve_cases[_i].fate && !strcmp(cve_cases[_i].fate, "covered"));
	strings_free(&covered);
	free(on);
	json_decref(told);
	json_decref(l);
}
END_TEST

/* A file of which only a part is in by itself, and that another needs whole, is in whole. */
START_TEST(whole_beats_a_part)
{
	json_t *l = json_pack("[{s:s,s:s,s:[s],s:[i]},{s:s,s:s,s:[s,s]}]", "file", "net/a.c", "outcome", "partly", "with", "net/a.c",
			      "groups", 0, "file", "net/b.c", "outcome", "built", "with", "net/b.c", "net/a.c");
	bool *on = join_on(&pkg, l);

	ck_assert(on[0] && on[1] && !on[2]);
	ck_assert_ptr_null(files[0].part);
	ck_assert_str_eq(json_string_value(json_object_get(json_array_get(l, 0), "outcome")), "built");
	free(on);
	json_array_remove(l, 1);
	json_object_set_new(json_array_get(l, 0), "outcome", json_string("partly"));
	on = join_on(&pkg, l);
	ck_assert(on[0] && !on[1]);
	ck_assert(files[0].part && files[0].part[0] && !files[0].part[1]);
	free(on);
	json_decref(l);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("pick");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_function_is_one_group);
	tcase_add_test(tc, the_diff_has_what_is_picked_alone);
	tcase_add_test(tc, new_files);
	tcase_add_loop_test(tc, who_can_mean_a_name, 0, sizeof(scopes) / sizeof(scopes[0]));
	tcase_add_test(tc, what_names_a_refused_function_stays_out);
	tcase_add_loop_test(tc, the_files_of_a_cve_go_together, 0, sizeof(cve_cases) / sizeof(cve_cases[0]));
	tcase_add_loop_test(tc, files_that_werent_looked_at, 0, sizeof(unseen_cases) / sizeof(unseen_cases[0]));
	tcase_add_test(tc, whole_beats_a_part);
	return fixture_run("pick", tc);
}
