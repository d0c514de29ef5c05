// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_objcache.c - objects that builds in a row share: compiled once if nothing
 * of what they are made from differs, and anew if anything does.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/proc.h"
#include "compile/compile.h"
#include "fix/overlay.h"
#include "fixture.h"
#include "select/file_state.h"
#include "select/select.h"
#include "treefix.h"

static struct treefix f;
static char *objects;
static int nr_builds;

#define X(n)	"#include <h.h>\n#include \"mine.h\"\nint f(void) { return get() + MINE + " #n "; }\n"
#define H(n)	"static inline int get(void) { return " #n "; }\n"

static void setup(void)
{
	tree_setup(&f);
	objects = fixture_path(f.folder, "objects");
	ck_assert_int_eq(mkdir(objects, 0755), 0);
	nr_builds = 0;
	tree_file(&f, "src/include/h.h", H(1));
	tree_file(&f, "src/include/apart.h", "#define APART 1\n");
	tree_file(&f, "src/include/mine.h", "#define MINE 1\n");
	tree_unit(&f, "a/x.c", "", X(1));
	tree_unit(&f, "b/y.c", "", "#include <h.h>\nint g(void) { return get(); }\n");
}

static void teardown(void)
{
	free(objects);
	tree_teardown(&f);
}

/* Another build of the same kernel, in a folder of its own; its fix comes next. */
static void next_build(void)
{
	for (size_t i = 0; i < f.b.nr_units; i++)
		unit_free(&f.b.units[i]);
	free(f.b.units);
	fix_files_free(f.fix.files, f.fix.nr_files);
	free(f.fix.diff);
	f.fix = (struct fix){ .name = "test" };
	free(f.b.workdir);
	f.b.units = NULL;
	f.b.nr_units = f.b.nr_direct = 0;
	f.b.workdir = format("%s/work%d", f.folder, ++nr_builds);
	f.b.objects = objects;
	ck_assert_int_eq(mkdir(f.b.workdir, 0755), 0);
}

/* Apply the fix and compile; how often the compiler ran. */
static int compile(void)
{
	size_t before = strlen(tree_said(&f));
	int n = 0;

	if (nr_builds == 1) {
		tree_overlay(&f);
	} else {
		f.fix.diff = text_take(&f.diff);
		ck_assert_int_eq(fix_parse_files(f.fix.diff, &f.fix.files, &f.fix.nr_files, &f.err), 0);
		ck_assert_msg(!files_settle(&f.b, &f.err), "%s", f.err.text);
		ck_assert_msg(!overlay_create(&f.b, &f.err), "%s", f.err.text);
	}
	tree_select(&f);
	ck_assert_msg(!units_compile(&f.b, &f.err), "%s", f.err.text);
	for (const char *s = tree_said(&f) + before; (s = strstr(s, "    gcc ")); s++)
		n++;
	return n;
}

/* The value that f() of a/x.c, or g() of b/y.c, returns in the patched object. */
static int returns(size_t unit)
{
	const struct elf_section *s = elf_section(f.b.units[unit].patched, unit ? ".text.g" : ".text.f");
	int value;

	ck_assert_ptr_nonnull(s);
	for (size_t i = 0; i + 5 <= s->size; i++)
		if (s->data[i] == 0xb8) {	/* mov $value, %eax */
			memcpy(&value, s->data + i + 1, sizeof(value));
			return value;
		}
	ck_abort_msg("no constant in unit %zu", unit);
	return 0;
}

START_TEST(the_same_again)
{
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	ck_assert_int_eq(returns(0), 7);
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 0);
	ck_assert_int_eq(returns(0), 7);
	/* Another change: the original is shared. */
	next_build();
	tree_change(&f, "a/x.c", X(6));
	ck_assert_int_eq(compile(), 1);
	ck_assert_int_eq(returns(0), 8);
}
END_TEST

START_TEST(another_header)
{
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	/* The unit as before, but what it includes is another one. */
	next_build();
	tree_change(&f, "a/x.c", X(5));
	tree_change(&f, "include/h.h", H(2));
	ck_assert_int_eq(compile(), 3);	/* x patched; y twice */
	ck_assert_int_eq(returns(0), 8);
	ck_assert_int_eq(returns(1), 2);
	next_build();
	tree_change(&f, "a/x.c", X(5));
	tree_change(&f, "include/h.h", H(3));
	ck_assert_int_eq(compile(), 2);
	ck_assert_int_eq(returns(0), 9);
	ck_assert_int_eq(returns(1), 3);
}
END_TEST

START_TEST(a_header_that_it_doesnt_read)
{
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	next_build();
	tree_change(&f, "a/x.c", X(5));
	tree_change(&f, "include/apart.h", "#define APART 2\n");
	ck_assert_int_eq(compile(), 0);
	ck_assert_int_eq(returns(0), 7);
}
END_TEST

START_TEST(a_new_header_that_comes_before)
{
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	next_build();
	tree_change(&f, "a/x.c", X(5));
	tree_change(&f, "a/mine.h", "#define MINE 11\n");
	ck_assert_int_eq(compile(), 1);
	ck_assert_int_eq(returns(0), 17);
}
END_TEST

/* Only the last object is kept, and what is known of the first doesn't fit that. */
START_TEST(the_first_again)
{
	next_build();
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	next_build();
	tree_change(&f, "a/x.c", X(6));
	ck_assert_int_eq(compile(), 1);
	for (int i = 0; i < 2; i++) {
		next_build();
		tree_change(&f, "a/x.c", X(5));
		ck_assert_int_eq(compile(), !i);
		ck_assert_int_eq(returns(0), 7);
	}
}
END_TEST

START_TEST(without_a_cache)
{
	next_build();
	f.b.objects = NULL;
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	next_build();
	f.b.objects = NULL;
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	/* One that can't be written costs time only. */
	next_build();
	f.b.objects = "/nonexistent";
	tree_change(&f, "a/x.c", X(5));
	ck_assert_int_eq(compile(), 2);
	ck_assert_int_eq(returns(0), 7);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("objcache");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_same_again);
	tcase_add_test(tc, another_header);
	tcase_add_test(tc, a_header_that_it_doesnt_read);
	tcase_add_test(tc, a_new_header_that_comes_before);
	tcase_add_test(tc, the_first_again);
	tcase_add_test(tc, without_a_cache);
	return fixture_run("objcache", tc);
}
