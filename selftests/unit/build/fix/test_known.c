// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_known.c - what preprocessing gave is taken from an earlier build only if nothing that the unit reads differs.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/text.h"
#include "fix/fix.h"
#include "fixture.h"
#include "io.h"
#include "fix/known.h"

#define COMMAND	"-E 7"

static char *folder, *objects;
static struct fix_file files[4];
static struct fix fix;
static struct build b;

/* The unit reads a.c and a.h of the pristine tree. */
static void setup(void)
{
	folder = fixture_folder();
	objects = fixture_path(folder, "objects");
	ck_assert_int_eq(mkdir(objects, 0755), 0);
	for (size_t i = 0; i < 2; i++) {
		char *dir = format("%s/patched%s", folder, i ? "/b" : "");

		ck_assert_int_eq(mkdir(dir, 0755), 0);
		free(dir);
	}
	fix = (struct fix){ .files = files };
	b = (struct build){ .workdir = folder, .objects = objects, .fix = &fix };
}

static void teardown(void)
{
	free(objects);
	fixture_remove(folder);
}

/* The fix has one more file; NULL: deleted. */
static void changed(char *path, const char *text, bool created)
{
	char *full = format("%s/patched/%s", folder, path);

	if (text)
		ck_assert_int_eq(io_write_atomic(full, text, strlen(text), 0644, NULL), 0);
	else
		unlink(full);
	free(full);
	files[fix.nr_files++] = (struct fix_file){ .path = path, .created = created };
}

static uint32_t hash(const char *name)
{
	return name_hash(name, strlen(name));
}

static void put(uint64_t digest, const char *also_read)
{
	uint32_t list[3] = { hash("a.c"), hash("a.h"), also_read ? hash(also_read) : 0 };
	struct known k;

	known_open(&b, &k);
	known_put(&k, "a/a.o", COMMAND, list, also_read ? 3 : 2, digest);
	known_close(&k);
}

/* 0: not known. */
static uint64_t get_by(const char *command)
{
	uint64_t digest = 0;
	struct known k;

	known_open(&b, &k);
	if (!known_get(&k, "a/a.o", command, &digest))
		digest = 0;
	known_close(&k);
	return digest;
}

/* And the next build has another fix. */
static uint64_t get(void)
{
	uint64_t digest = get_by(COMMAND);

	fix.nr_files = 0;
	return digest;
}

START_TEST(the_same_files)
{
	changed("a.h", "one", false);
	ck_assert_uint_eq(get_by(COMMAND), 0);
	put(11, NULL);
	ck_assert_uint_eq(get_by("-E 8"), 0);
	ck_assert_uint_eq(get(), 11);
	changed("a.h", "two", false);
	ck_assert_uint_eq(get_by(COMMAND), 0);
	put(22, NULL);
	ck_assert_uint_eq(get(), 22);
	/* The first is still known. */
	changed("a.h", "one", false);
	ck_assert_uint_eq(get(), 11);
	changed("a.h", NULL, false);
	ck_assert_uint_eq(get(), 0);
	changed("a.h", "", false);
	ck_assert_uint_eq(get(), 0);
}
END_TEST

START_TEST(what_it_doesnt_read)
{
	changed("a.h", "one", false);
	put(11, NULL);
	changed("other.h", "x", false);
	ck_assert_uint_eq(get(), 11);
	changed("a.h", "one", false);
	changed("a.c", "x", false);
	ck_assert_uint_eq(get(), 0);
	/* A new one may come before another of its name. */
	changed("a.h", "one", false);
	changed("b/new.h", "x", true);
	ck_assert_uint_eq(get(), 0);
}
END_TEST

START_TEST(what_it_reads_since)
{
	/* The header includes one more, of the pristine tree. */
	changed("a.h", "one", false);
	put(11, "more.h");
	ck_assert_uint_eq(get(), 11);
	/* Which another fix changes, too. */
	changed("a.h", "one", false);
	changed("more.h", "x", false);
	ck_assert_uint_eq(get_by(COMMAND), 0);
	put(22, "more.h");
	ck_assert_uint_eq(get(), 22);
	changed("a.h", "one", false);
	changed("more.h", "y", false);
	ck_assert_uint_eq(get(), 0);
	changed("a.h", "one", false);
	ck_assert_uint_eq(get(), 11);
}
END_TEST

START_TEST(read_only_later)
{
	/* Nothing reads more.h yet: it doesn't count. */
	changed("a.h", "one", false);
	changed("more.h", "x", false);
	put(11, NULL);
	ck_assert_uint_eq(get(), 11);
	/* Another a.h includes it: from now on it counts. */
	changed("a.h", "two", false);
	changed("more.h", "x", false);
	put(22, "more.h");
	ck_assert_uint_eq(get(), 22);
	changed("a.h", "two", false);
	changed("more.h", "y", false);
	ck_assert_uint_eq(get(), 0);
}
END_TEST

START_TEST(nothing_shared)
{
	changed("a.h", "one", false);
	b.objects = NULL;
	put(11, NULL);
	ck_assert_uint_eq(get_by(COMMAND), 0);
	b.objects = "/nonexistent";
	put(11, NULL);
	ck_assert_uint_eq(get(), 0);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("known");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_same_files);
	tcase_add_test(tc, what_it_doesnt_read);
	tcase_add_test(tc, what_it_reads_since);
	tcase_add_test(tc, read_only_later);
	tcase_add_test(tc, nothing_shared);
	return fixture_run("known", tc);
}
