/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * budget.h - what looking at all tasks may cost: the rounds of a transition, the looks of `check`.
 *
 * The first BUDGET_FAST rounds follow each other, since most switches need two.  After them, pauses grow to
 * BUDGET_PAUSE_MS, so that there are no more than ten rounds a second; and each is at least BUDGET_REST times as long as the CPU
 * time of the round before it, so that no more than a quarter of one CPU is used, however many tasks there are.
 */
#ifndef KLP_BUDGET_H
#define KLP_BUDGET_H

#define BUDGET_FAST	4
#define BUDGET_PAUSE_MS	100
#define BUDGET_REST	3

struct budget {
	double start_s, cpu_s;		/* when it began, by the clock and by this process' CPU time */
	double round_cpu_s;		/* CPU time when the current round began */
	unsigned int rounds;
	unsigned int since;		/* rounds since budget_hurry() */
};

struct budget_use {
	double cpu_ms;			/* of this process, in the kernel too */
	double share;			/* of one CPU, 0 to 1 */
	double rounds_per_s;
};

void budget_begin(struct budget *b);
/* The next rounds follow each other again: it has been turned round. */
void budget_hurry(struct budget *b);
/* After a round: wait as long as it is due. */
void budget_pause(struct budget *b);
struct budget_use budget_use(const struct budget *b);

#endif
