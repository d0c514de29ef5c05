// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_foreign.c - klp-update beside people who load, revert and replace patches by hand.
 *
 * Who is hurt when this is silently wrong: who reads "protected", or sees a run end with "nothing to do", while somebody has a
 * fix taken out; and who loaded a later release by hand, and is told that the machine is open.
 */
#include <stdio.h>
#include <string.h>

#include "machine_fixture.h"

#define NAME	"sock-map-alloc"
#define PATCHES	"sys/kernel/quietpatch/patches/"
#define OURS	PATCHES "qp_sock_map_alloc/"

static struct machine_fixture m;

#define must(status, ...)	machine_expect(&m, status, __VA_ARGS__)
#define said(text)		ck_assert_msg(strstr(m.out, text), "no \"%s\" in:\n%s%s", text, m.out, m.err)

static void setup(void)
{
	machine_setup(&m);
	machine_offer(&m, "a.klp", 1, m.key);
	must(0, "update");
	must(0, "status");
}

static void teardown(void)
{
	machine_teardown(&m);
}

/* A patch that klp-update knows nothing of. */
static void by_hand(const char *module, const char *name, const char *release, const char *flags)
{
	const char *const files[][2] = { { "state", "applied" }, { "name", name }, { "release", release }, { "flags", flags } };
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), PATCHES "%s/%s", module, files[i][0]);
		machine_put(&m, path, files[i][1]);
	}
}

/* Its module stays for as long as a task sleeps in it, which may be for ever. */
START_TEST(a_revert_that_left_the_module)
{
	machine_put(&m, OURS "state", "leaving\n");
	must(5, "update");
	said("taken out by hand");
	must(5, "status");
}
END_TEST

START_TEST(a_switch_under_way)
{
	machine_put(&m, OURS "state", "reverting\n");
	must(6, "status");
	said("a switch is under way");
	must(6, "update");
	said("a switch is under way");
	machine_put(&m, OURS "state", "applied\n");
	must(2, "update");
	must(0, "status");
}
END_TEST

START_TEST(a_later_release)
{
	machine_remove(&m, OURS "state");
	by_hand("qp_sock_map_alloc_R5", NAME, "5", "");
	must(0, "status");
	said("release 5 is in its place");
	must(2, "update");
	must(0, "status");
	/* When it goes, what is offered is taken again. */
	machine_remove(&m, PATCHES "qp_sock_map_alloc_R5/state");
	must(0, "update");
	must(0, "status");
}
END_TEST

START_TEST(the_release_that_is_offered)
{
	machine_remove(&m, OURS "state");
	by_hand("qp_sock_map_alloc_R2", NAME, "2", "");
	machine_offer(&m, "a.klp", 2, m.key);
	must(2, "update");
	must(0, "status");
	ck_assert_int_eq(machine_calls(&m, "load"), 1);
}
END_TEST

/* Where klp-update itself has put a later one in, an older offer is an attack, not something that runs anyway. */
START_TEST(an_older_offer_is_still_refused)
{
	machine_offer(&m, "a.klp", 2, m.key);
	must(0, "update");
	machine_offer(&m, "a.klp", 1, m.key);
	must(4, "update");
	must(4, "status");
}
END_TEST

/* Nobody knows whether a stranger's cumulative patch has the fix; status and cve say the same. */
START_TEST(a_strangers_cumulative_patch)
{
	machine_put(&m, OURS "replaced", "1\n");
	by_hand("qp_all", "all", "1", "replace");
	must(6, "status");
	said("cumulative patch all, by somebody else, has");
	must(6, "update");
	must(1, "cve", "--open");
}
END_TEST

/* By such a clock a look would stay fresh for ever. */
START_TEST(a_look_that_is_to_come)
{
	fixture_preload_clock(-86400);
	must(3, "status");
	fixture_preload_end();
	said("unknown: ");
	said("set back");
}
END_TEST

/* What isn't in the kernel isn't applied, whatever klp-apply's exit status; and one that no tool of ours has is a failure. */
START_TEST(a_loader_that_says_what_is_not_so)
{
	machine_offer(&m, "a.klp", 2, m.key);
	machine_loader(&m, 0, "rm -rf \"$patch\"; echo '{}'; exit 0\n");
	must(1, "update");
	said("the kernel hasn't got it");
	ck_assert(!machine_happened(&m, "reverted"));
	machine_run(&m, "retry", "--all", NULL);
	machine_loader(&m, 0, "exit 77\n");
	must(1, "update");
	must(1, "status");
	machine_run(&m, "retry", "--all", NULL);
	machine_loader(&m, 0, NULL);
	must(0, "update");
	must(0, "status");
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("foreign");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_revert_that_left_the_module);
	tcase_add_test(tc, a_switch_under_way);
	tcase_add_test(tc, a_later_release);
	tcase_add_test(tc, the_release_that_is_offered);
	tcase_add_test(tc, an_older_offer_is_still_refused);
	tcase_add_test(tc, a_strangers_cumulative_patch);
	tcase_add_test(tc, a_look_that_is_to_come);
	tcase_add_test(tc, a_loader_that_says_what_is_not_so);
	return fixture_run("foreign", tc);
}
