// SPDX-License-Identifier: GPL-2.0-or-later
/* test_simulate.c - a rollout as it comes, over ten thousand machines: `make simulate` in small. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../simulate/scenarios.h"
#include "fixture.h"

#define MACHINES	10000
#define TIMER		"tools/klp-update/units/quietpatch-update.timer"	/* the tests run in the top folder */

static struct timer timer;

static void simulate(enum which which, struct run_of *r)
{
	char *klp_repo = fixture_built("bin/klp-repo");

	timer_read(TIMER, &timer);
	scenario_run(which, MACHINES, klp_repo, &timer, r);
	free(klp_repo);
}

START_TEST(half_in_a_day_and_all_in_three)
{
	struct run_of r;

	simulate(RUN_DEFAULT, &r);
	ck_assert_double_ge(outcome_share(&r.out, &r.s, 24 * 3600), 0.5);
	ck_assert_double_ge(outcome_share(&r.out, &r.s, 72 * 3600), 0.99);
	/* Not all at once: the web server bears it, and somebody can halt it. */
	ck_assert_double_le(outcome_share(&r.out, &r.s, 12 * 3600), 0.5);
	scenario_free(&r);
}
END_TEST

START_TEST(a_bad_one_is_halted)
{
	struct run_of r;

	simulate(RUN_HALTED, &r);
	ck_assert_double_lt(outcome_share(&r.out, &r.s, r.s.hours * 3600), 0.01);
	/* It had begun, and nobody took it once the last edge showed the halt. */
	ck_assert_double_gt(outcome_share(&r.out, &r.s, HALT_S), 0);
	ck_assert_double_eq(outcome_share(&r.out, &r.s, HALT_S + EDGE_TTL + 60), outcome_share(&r.out, &r.s, r.s.hours * 3600));
	scenario_free(&r);
	/* Without a rollout a halt comes too late for everybody who was on. */
	simulate(RUN_AT_ONCE_HALTED, &r);
	ck_assert_double_gt(outcome_share(&r.out, &r.s, HALT_S), 0.85);
	scenario_free(&r);
}
END_TEST

/* All who are on take it with their next check. */
START_TEST(what_is_exploited_comes_at_once)
{
	struct run_of r;

	simulate(RUN_EXPLOITED, &r);
	ck_assert_double_ge(outcome_share(&r.out, &r.s, EDGE_TTL + timer.interval + timer.spread + 60), 0.8);
	ck_assert_double_ge(outcome_share(&r.out, &r.s, 24 * 3600), 0.99);
	scenario_free(&r);
}
END_TEST

START_TEST(an_outage_brings_no_herd)
{
	struct run_of r;
	struct server_load l;

	simulate(RUN_SERVER_DOWN, &r);
	ck_assert_double_eq(outcome_share(&r.out, &r.s, 18 * 3600), outcome_share(&r.out, &r.s, 6 * 3600));
	ck_assert_double_ge(outcome_share(&r.out, &r.s, 72 * 3600), 0.99);
	scenario_load(&r.out, false, &l);
	ck_assert_double_lt(l.peak_requests, 3 * l.requests);
	scenario_free(&r);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("simulate");

	tcase_add_test(tc, half_in_a_day_and_all_in_three);
	tcase_add_test(tc, a_bad_one_is_halted);
	tcase_add_test(tc, what_is_exploited_comes_at_once);
	tcase_add_test(tc, an_outage_brings_no_herd);
	return fixture_run("simulate", tc);
}
