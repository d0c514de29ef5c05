// SPDX-License-Identifier: GPL-2.0-or-later
/* budget.c - see budget.h. */
#include <math.h>
#include <time.h>

#include "budget.h"
#include "monotonic.h"

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void budget_begin(struct budget *b)
{
	b->rounds = b->since = 0;
	b->start_s = monotonic_s();
	b->cpu_s = b->round_cpu_s = cpu_s();
}

void budget_hurry(struct budget *b)
{
	b->since = 0;
}

void budget_pause(struct budget *b)
{
	double now = cpu_s(), pause;
	struct timespec t;

	b->rounds++;
	if (++b->since >= BUDGET_FAST) {
		/* 1, 2, 4 ms and so on. */
		pause = fmin(ldexp(1e-3, b->since - BUDGET_FAST), BUDGET_PAUSE_MS / 1e3);
		pause = fmax(pause, BUDGET_REST * (now - b->round_cpu_s));
		t.tv_sec = pause;
		t.tv_nsec = (pause - t.tv_sec) * 1e9;
		nanosleep(&t, NULL);
	}
	b->round_cpu_s = cpu_s();
}

struct budget_use budget_use(const struct budget *b)
{
	double took = fmax(monotonic_s() - b->start_s, 1e-6), cpu = cpu_s() - b->cpu_s;

	return (struct budget_use){ .cpu_ms = cpu * 1e3, .share = cpu / took, .rounds_per_s = b->rounds / took };
}
