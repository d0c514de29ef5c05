// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * latency - how late a task is woken that is to run each millisecond, as cyclictest measures it: FIFO priority 50,
 * memory locked, absolute times. After SECONDS one line, times in microseconds:
 *
 *	rounds N median N p999 N max N
 *
 * usage: latency SECONDS
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define PERIOD_NS	1000000L
#define SECOND_NS	1000000000L

static long long ns_of(const struct timespec *t)
{
	return t->tv_sec * (long long)SECOND_NS + t->tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int seconds = argc == 2 ? atoi(argv[1]) : 0;
	struct sched_param fifo = { .sched_priority = 50 };
	struct timespec next, now;
	size_t nr = 0, room;
	long long end;
	long *late;

	if (seconds < 1) {
		fprintf(stderr, "usage: latency SECONDS\n");
		return 64;
	}
	room = seconds * (SECOND_NS / PERIOD_NS) + 1;
	late = calloc(room, sizeof(*late));
	if (!late || mlockall(MCL_CURRENT | MCL_FUTURE) || sched_setscheduler(0, SCHED_FIFO, &fifo)) {
		perror("latency");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &next);
	end = ns_of(&next) + seconds * (long long)SECOND_NS;
	while (nr < room) {
		next.tv_nsec += PERIOD_NS;
		if (next.tv_nsec >= SECOND_NS) {
			next.tv_nsec -= SECOND_NS;
			next.tv_sec++;
		}
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (ns_of(&now) >= end)
			break;
		late[nr++] = (ns_of(&now) - ns_of(&next)) / 1000;
	}
	if (!nr)
		return 1;
	qsort(late, nr, sizeof(*late), by_value);
	printf("rounds %zu median %ld p999 %ld max %ld\n", nr, late[nr / 2], late[nr - 1 - nr / 1000], late[nr - 1]);
	return 0;
}
