// SPDX-License-Identifier: GPL-2.0-or-later
/* transition.c - see transition.h. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../klp-monitor/monitor.h"
#include "blockers.h"
#include "core.h"
#include "err.h"
#include "kick.h"
#include "monotonic.h"
#include "transition.h"

/* Rounds at full speed before the first pause: most transitions need two. */
#define FAST_ROUNDS	4
#define PAUSE_FIRST_MS	1
#define PAUSE_MAX_MS	100
/* A progress line isn't worth it for less. */
#define PROGRESS_AFTER	0.3
#define PROGRESS_EVERY	0.5
/* Without a terminal a line stays for good: seldom. */
#define LOG_AFTER	2.0
#define LOG_EVERY	10.0
#define KICK_EVERY	2.0
/* The way back may take as long as the way there, and at least this long. */
#define BACK_MIN_S	30
/* How long to try to end without stragglers. */
#define LEAVE_TRIES_S	10

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted++;
}

void transition_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

static int arm(struct transition *tr, struct klp_err *err)
{
	struct qp_range *ranges;
	size_t nr;
	int ret;

	if (!tr->monitor)
		return 0;
	ret = core_ranges(tr->core, tr->epoch, &ranges, &nr, err);
	if (ret)
		return ret;
	ret = monitor_arm(tr->monitor, ranges, nr, tr->epoch, err);
	free(ranges);
	return ret;
}

static int one_round(struct transition *tr, struct qp_observe *obs, struct klp_err *err)
{
	struct qp_task_verdict *v = NULL;
	size_t clean = 0, all = 0;
	int ret;

	*obs = (struct qp_observe){
		.epoch = tr->epoch,
		.flags = QP_OBSERVE_IPI | QP_OBSERVE_SWEEP | (tr->monitor ? 0 : QP_OBSERVE_WALK),
	};
	if (tr->monitor) {
		ret = monitor_collect(tr->monitor, &v, &clean, &all, err);
		if (ret)
			return ret;
		if (clean > QP_VERDICTS_MAX)
			clean = QP_VERDICTS_MAX;	/* the others in the next round */
		obs->verdicts = (uintptr_t)v;
		obs->nr_verdicts = clean;
	}
	ret = core_observe(tr->core, obs, err);
	if (ret)
		return ret;
	if (tr->monitor)
		monitor_done(tr->monitor, v, clean);
	tr->rounds++;
	if (!tr->turned)
		tr->nr_old = obs->nr_old;
	tr->committed += obs->counts[QP_V_COMMITTED];
	return 0;
}

struct progress {
	double start, next;
	bool tty, shown;
};

static void progress_clear(struct progress *p)
{
	if (p->shown && p->tty)
		fputs("\r\033[K", stderr);
	p->shown = false;
}

/* A line that is longer than the terminal is wide would leave its rest behind. */
static int columns(void)
{
	struct winsize ws;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) && ws.ws_col > 1 ? ws.ws_col - 1 : 79;
}

static void progress_show(struct transition *tr, struct progress *p, uint64_t nr_old)
{
	char old[32], tasks[32], line[512];
	struct blocker *b = NULL;
	int used;
	struct qp_info info;
	size_t n = 0;

	if (tr->quiet || monotonic_s() < p->next)
		return;
	p->next = monotonic_s() + (p->tty ? PROGRESS_EVERY : LOG_EVERY);
	if (core_info(tr->core, &info, NULL) || blockers_get(tr->core, tr->name, tr->epoch, &b, &n, NULL))
		return;
	used = snprintf(line, sizeof(line), "%s: %s of %s tasks still old", tr->name,
			thousands(nr_old, old), thousands(info.nr_tasks, tasks));
	if (n && used < (int)sizeof(line))
		snprintf(line + used, sizeof(line) - used, ": %s (%u%s%s) %s", b[0].comm, b[0].core.pid,
			 b[0].unit[0] ? ", " : "", b[0].unit, b[0].reason);
	if (p->tty)
		fprintf(stderr, "\r%.*s\033[K", columns(), line);
	else
		fprintf(stderr, "%s\n", line);
	fflush(stderr);
	p->shown = true;
	free(b);
}

/* Not being able to is no reason to give up: the tasks may leave by themselves. */
static void kick(struct transition *tr, double *next)
{
	struct blocker *b = NULL;
	size_t n = 0;
	int kicked;

	if (tr->kick == KICK_NEVER || monotonic_s() < *next)
		return;
	*next = monotonic_s() + KICK_EVERY;
	if (blockers_get(tr->core, tr->name, tr->epoch, &b, &n, NULL))
		return;
	kicked = kick_blockers(tr->core, tr->epoch, tr->kick, b, n, NULL);
	if (kicked > 0)
		tr->kicked += kicked;
	free(b);
}

static void pause_between(unsigned int rounds)
{
	struct timespec t = { 0 };
	unsigned int ms = PAUSE_FIRST_MS, i;

	if (rounds < FAST_ROUNDS)
		return;
	for (i = FAST_ROUNDS; i < rounds && ms < PAUSE_MAX_MS; i++)
		ms *= 2;
	t.tv_nsec = (ms < PAUSE_MAX_MS ? ms : PAUSE_MAX_MS) * 1000000L;
	nanosleep(&t, NULL);
}

/*
 * Time is up, and it is to end without the rest: now, unless the core has done so by itself.  It can't as long as tasks
 * are coming faster than they are listed; rounds list them.
 */
static int leave(struct transition *tr, struct klp_err *err)
{
	double end = monotonic_s() + LEAVE_TRIES_S;
	struct qp_observe obs;
	uint32_t n;
	int ret;

	do {
		ret = core_leave(tr->core, tr->epoch, &n, err);
		if (ret != -EAGAIN)
			return ret == -ESTALE ? 0 : ret;
		ret = one_round(tr, &obs, err);
		if (!ret && obs.phase == QP_IDLE)
			return 0;
	} while (!ret && monotonic_s() < end);
	return ret ? ret : -EAGAIN;
}

/* Rounds until the core is idle, or there is a cause to stop. */
static int rounds(struct transition *tr, double end, enum transition_cause *cause,
		  struct klp_err *err)
{
	struct progress p = { .start = monotonic_s(), .tty = isatty(STDERR_FILENO) };
	double next_kick = p.start + tr->kick_after_s;
	sig_atomic_t signals = interrupted;
	struct qp_observe obs;
	unsigned int n;
	int ret;

	p.next = p.start + (p.tty ? PROGRESS_AFTER : LOG_AFTER);
	*cause = CAUSE_NONE;
	for (n = 1;; n++) {
		ret = one_round(tr, &obs, err);
		if (ret) {
			*cause = CAUSE_ERROR;
			break;
		}
		if (obs.phase == QP_IDLE)
			break;
		if (interrupted != signals)
			*cause = CAUSE_SIGNAL;
		else if (monotonic_s() >= end)
			*cause = CAUSE_TIMEOUT;
		if (*cause != CAUSE_NONE)
			break;
		progress_show(tr, &p, obs.nr_old);
		kick(tr, &next_kick);
		pause_between(n);
	}
	progress_clear(&p);
	return ret;
}

static void statistics(struct transition *tr, double start)
{
	struct qp_info info;

	tr->ms = (monotonic_s() - start) * 1e3;
	if (core_info(tr->core, &info, NULL))
		return;
	tr->tasks = info.nr_tasks;
	if (info.finished_ns > info.started_ns)
		tr->ms = (info.finished_ns - info.started_ns) / 1e6;
}

int transition_turn(struct transition *tr, struct klp_err *err)
{
	struct qp_info info;
	int ret = core_reverse(tr->core, &tr->epoch, err);

	tr->turned = true;
	if (!ret)
		ret = core_info(tr->core, &info, err);
	if (ret)
		return ret;
	/* Nobody had switched yet: back already. */
	return info.phase == QP_IDLE;
}

/* Turn round and drive back; the way back has its own time. */
static int go_back(struct transition *tr, struct klp_err *err)
{
	enum transition_cause cause;
	unsigned int limit = tr->timeout_s > BACK_MIN_S ? tr->timeout_s : BACK_MIN_S;
	int ret;

	tr->end = TRANSITION_PENDING;
	ret = transition_turn(tr, err);
	if (ret < 0)
		return ret;
	if (ret) {
		tr->end = TRANSITION_REVERSED;
		return 0;
	}
	ret = arm(tr, err);
	if (!ret)
		ret = rounds(tr, monotonic_s() + limit, &cause, err);
	if (ret)
		return ret;
	if (cause != CAUSE_NONE)
		return klp_err_set(err, -EINPROGRESS, "not even the way back came to its end; it is "
				   "safe as it stands, and goes on with: klp-apply resume");
	tr->end = TRANSITION_REVERSED;
	return 0;
}

int transition_run(struct transition *tr, struct klp_err *err)
{
	struct klp_err back;
	double start = monotonic_s();
	int ret;

	tr->end = TRANSITION_PENDING;
	tr->cause = CAUSE_NONE;
	ret = arm(tr, err);
	if (ret)
		tr->cause = CAUSE_ERROR;
	else
		ret = rounds(tr, tr->stragglers == STRAGGLERS_WAIT ? INFINITY : start + tr->timeout_s, &tr->cause, err);
	if (tr->cause == CAUSE_TIMEOUT && tr->stragglers >= STRAGGLERS_LEAVE && !leave(tr, err))
		tr->cause = CAUSE_NONE;
	if (tr->cause == CAUSE_NONE) {
		tr->end = TRANSITION_DONE;
		statistics(tr, start);
		/* The core may have ended it without them, too. */
		stragglers_get(tr->core, tr->name, &tr->left, &tr->nr_left);
		return 0;
	}
	if (blockers_get(tr->core, tr->name, tr->epoch, &tr->blockers, &tr->nr_blockers, NULL))
		tr->nr_blockers = 0;
	if (!tr->may_reverse)
		return ret ? ret : klp_err_set(err, -EINPROGRESS, "the way back isn't done yet; it "
					       "is safe as it stands, and goes on with: klp-apply resume");
	if (go_back(tr, &back)) {
		*err = back;
		return err->code;
	}
	statistics(tr, start);
	return ret;
}

void transition_free(struct transition *tr)
{
	free(tr->left);
	tr->left = NULL;
	tr->nr_left = 0;
	free(tr->blockers);
	tr->blockers = NULL;
	tr->nr_blockers = 0;
}

json_t *transition_json(const struct transition *tr)
{
	return json_pack("{s:f s:I s:I s:I s:I}", "ms", tr->ms, "tasks", (json_int_t)tr->tasks,
			 "rounds", (json_int_t)tr->rounds, "committed", (json_int_t)tr->committed,
			 "kicked", (json_int_t)tr->kicked);
}
