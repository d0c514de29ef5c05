// SPDX-License-Identifier: GPL-2.0-or-later
/* test_stop.c - whenever the signal comes, no wait goes on: neither the one it comes before, nor those after it. */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/stop.h"
#include "fixture.h"
#include "monotonic.h"

#define LONG_MS	60000

static void at_once(int fd)
{
	int64_t before = monotonic_ms();

	ck_assert_int_eq(stop_wait(fd, LONG_MS), -EINTR);
	ck_assert_int_lt(monotonic_ms() - before, LONG_MS / 2);
}

START_TEST(before_a_wait)
{
	int p[2];

	ck_assert_int_eq(pipe(p), 0);
	stop_listen();
	ck_assert(!stop_asked());
	raise(_i);
	ck_assert(stop_asked());
	at_once(p[0]);
	at_once(-1);
	at_once(p[0]);
}
END_TEST

START_TEST(within_a_wait)
{
	pid_t self = getpid();

	stop_listen();
	if (!fork()) {
		usleep(300000);
		kill(self, SIGTERM);
		_exit(0);
	}
	at_once(-1);
}
END_TEST

START_TEST(what_a_wait_is_for)
{
	int64_t before = monotonic_ms();
	int p[2];

	ck_assert_int_eq(pipe(p), 0);
	stop_listen();
	ck_assert_int_eq(stop_wait(p[0], 200), 0);
	ck_assert_int_ge(monotonic_ms() - before, 200);
	ck_assert_int_eq(stop_wait(p[0], -5), 0);
	ck_assert_int_eq(write(p[1], "x", 1), 1);
	ck_assert_int_eq(stop_wait(p[0], LONG_MS), 1);
	close(p[1]);
	ck_assert_int_eq(stop_wait(p[0], LONG_MS), 1);
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("stop");

	tcase_add_loop_test(tc, before_a_wait, SIGINT, SIGINT + 1);
	tcase_add_loop_test(tc, before_a_wait, SIGTERM, SIGTERM + 1);
	tcase_add_test(tc, within_a_wait);
	tcase_add_test(tc, what_a_wait_is_for);
	return fixture_run("stop", tc);
}
