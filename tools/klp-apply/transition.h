/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * transition.h - drive a started transition to one of its ends.
 *
 * Rounds: the monitor judges, the core judges again and commits.  The longest
 * that a patch may take is `timeout_s`; then, or when the user interrupts, the
 * transition is turned round and driven back.
 */
#ifndef KLP_TRANSITION_H
#define KLP_TRANSITION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "budget.h"
#include "kick.h"
#include "quietpatch.h"
#include "stragglers.h"

struct klp_err;
struct core;
struct monitor;
struct recorder;
struct blocker;

enum transition_end {
	TRANSITION_DONE,	/* it is where it was to go */
	TRANSITION_REVERSED,	/* it is where it came from */
	TRANSITION_PENDING,	/* under way still: not even the way back came to an end */
};

enum transition_cause {
	CAUSE_NONE,
	CAUSE_TIMEOUT,
	CAUSE_SIGNAL,
	CAUSE_PAUSE,		/* strict mode: the machine would be stopped for too long */
	CAUSE_ERROR,		/* of the monitor or the core; klp_err has it */
};

struct transition {
	/* in */
	struct core *core;
	struct monitor *monitor;	/* NULL: the core's own walk */
	struct recorder *recorder;	/* of a timeline, or NULL */
	const char *name;		/* of the patch, for the progress line */
	unsigned int timeout_s;
	bool quiet;			/* no progress line */
	enum kick kick;			/* whom to wake out of affected code */
	double kick_after_s;		/* and after how long; the way back begins anew */
	enum stragglers stragglers;	/* what to do when time is up */
	bool strict;			/* all at once, with the machine stopped */
	uint32_t max_pause_us;		/* then: for no longer than this; 0: no limit */
	bool may_reverse;		/* false: a transition that goes back already */
	uint64_t epoch;
	struct budget budget;
	bool turned;			/* set by transition_turn() */
	/* out */
	enum transition_end end;
	enum transition_cause cause;
	double ms;			/* from START to the end, by the core's clock */
	uint64_t tasks;			/* that were listed */
	uint32_t rounds;
	struct budget_use use;		/* what the rounds have cost */
	uint64_t committed;		/* tasks that switched by a round; others by themselves */
	uint64_t kicked;		/* times that a task was woken */
	struct qp_pause pause;		/* strict mode: how long the machine was stopped */
	uint64_t nr_old;		/* tasks still old after the last round on the way there */
	struct straggler *left;		/* whom it has ended without; malloc()ed */
	size_t nr_left;
	size_t killed;			/* processes of theirs */
	size_t aborted;			/* FUSE filesystems of theirs */
	struct blocker *blockers;	/* when time was up; malloc()ed */
	size_t nr_blockers;
};

/* @tr->end tells the end; != 0 only with TRANSITION_PENDING or CAUSE_ERROR. */
int transition_run(struct transition *tr, struct klp_err *err);

/* Turn it round: 1 when it ended with that, 0 when rounds are still needed, else -errno. */
int transition_turn(struct transition *tr, struct klp_err *err);

void transition_free(struct transition *tr);

/* {ms, tasks, rounds, committed, kicked, observer, pause}; for JSON replies. */
json_t *transition_json(const struct transition *tr);

/* From here on SIGINT, SIGTERM and SIGHUP turn a transition round. */
void transition_catch_signals(void);

#endif
