// SPDX-License-Identifier: GPL-2.0-or-later
/* test_tidy.c - what runs that were killed left in the state folder, and bundles that nobody needs: they go, and nothing else does. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_fixture.h"

#define NAME	"sock-map-alloc"
#define LONELY	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct machine_fixture m;

static void setup(void)
{
	machine_setup(&m);
	machine_offer(&m, "a.klp", 3, m.key);
}

static void teardown(void)
{
	machine_teardown(&m);
}

#define must(status, ...)	machine_expect(&m, status, __VA_ARGS__)

static const char *in_state(char path[256], const char *name)
{
	snprintf(path, 256, "var/lib/quietpatch/%s", name);
	return path;
}

/* What nobody needs any more goes; what isn't klp-update's own stays. */
START_TEST(nothing_is_left_lying_about)
{
	static const char *const stay[] = {
		/* Somebody else's, by its name or by its ending. */
		"bundles/notes.AbC123", "bundles/" LONELY ".klp.AbC12", "bundles/" LONELY ".klp.AbC1234", "bundles/" LONELY ".klp.Ab-123",
		"bundles/a.klp", "bundles/.AbC123", "cves.json.bak123x", "state.db.damaged-1764316800", "tuf/notes.AbC123", "policy.json.AbC123",
	};
	static const char *const go[] = {
		"bundles/" LONELY ".klp.AbC123", "bundles/" LONELY ".klp", "cves.json.AbC123", "tuf/timestamp.json.AbC123", "tuf/index.target.000000",
		"tuf/trusted-time.zzzzzz", "roots/2.root.json.AbC123",
	};
	char path[256];

	must(0, "update");
	for (size_t i = 0; i < sizeof(stay) / sizeof(*stay); i++)
		machine_put(&m, in_state(path, stay[i]), "x");
	for (size_t i = 0; i < sizeof(go) / sizeof(*go); i++)
		machine_put(&m, in_state(path, go[i]), "x");
	must(2, "update");
	for (size_t i = 0; i < sizeof(stay) / sizeof(*stay); i++)
		ck_assert_msg(*machine_get(&m, in_state(path, stay[i])), "%s is gone", stay[i]);
	for (size_t i = 0; i < sizeof(go) / sizeof(*go); i++)
		ck_assert_msg(!*machine_get(&m, in_state(path, go[i])), "%s is still there", go[i]);
	must(0, "status");
}
END_TEST

/* The only bundle that is kept beside @other (or NULL); "" if there is none; static. */
static const char *kept(const char *other)
{
	char *folder = fixture_path(m.root, "var/lib/quietpatch/bundles");
	static char name[256];
	const struct dirent *de;
	DIR *dir = opendir(folder);
	int nr = 0;

	name[0] = '\0';
	ck_assert_ptr_nonnull(dir);
	while ((de = readdir(dir)))
		if (de->d_name[0] != '.' && (!other || strcmp(de->d_name, other))) {
			snprintf(name, sizeof(name), "%s", de->d_name);
			nr++;
		}
	closedir(dir);
	free(folder);
	machine_run(&m, "status", NULL);
	ck_assert_msg(nr <= 1, "%d\n%s", nr, m.out);
	return name;
}

START_TEST(bundles_stay_as_long_as_they_are_of_use)
{
	char first[256], second[256];

	must(0, "update");
	snprintf(first, sizeof(first), "%s", kept(NULL));
	/* Its successor is still watched: it stays. */
	machine_offer(&m, "b.klp", 4, m.key);
	must(0, "update", "--set", "watch=300");
	must(2, "update", "--set", "watch=300");
	snprintf(second, sizeof(second), "%s", kept(first));
	ck_assert_str_ne(second, "");
	/* And goes with the first run that finds that one good, but not while it is held. */
	must(2, "watch", "--set", "watch=0");
	must(0, "hold", NAME);
	machine_run(&m, "update", NULL);
	ck_assert_str_eq(kept(first), second);
	ck_assert_str_eq(kept(second), first);
	must(0, "unhold", NAME);
	must(2, "update");
	ck_assert_str_eq(kept(NULL), second);
	/* Good, and the machine has been started anew: it comes back without the source. */
	machine_reboot(&m);
	machine_remove(&m, "source/b.klp");
	machine_remove(&m, "source/a.klp");
	must(0, "boot");
	ck_assert(machine_is_applied(&m));
	/* Taken out by hand: a person may give it back. */
	must(2, "update");
	machine_remove(&m, "sys/kernel/quietpatch/patches/qp_sock_map_alloc/state");
	machine_run(&m, "update", NULL);
	machine_run(&m, "update", NULL);
	ck_assert_str_eq(kept(NULL), second);
	/* In the kernel, and no row knows of it. */
	must(0, "retry", NAME);
	machine_run(&m, "update", NULL);
	ck_assert(machine_is_applied(&m));
	machine_remove(&m, "var/lib/quietpatch/state.db");
	machine_run(&m, "update", NULL);
	machine_run(&m, "update", NULL);
	ck_assert_str_eq(kept(NULL), second);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("tidy");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_left_lying_about);
	tcase_add_test(tc, bundles_stay_as_long_as_they_are_of_use);
	return fixture_run("tidy", tc);
}
