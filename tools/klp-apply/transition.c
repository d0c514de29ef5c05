// SPDX-License-Identifier: GPL-2.0-or-later
/* transition.c - see transition.h. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../klp-monitor/monitor.h"
#include "../klp-monitor/recorder.h"
#include "blockers.h"
#include "budget.h"
#include "core.h"
#include "err.h"
#include "kick.h"
#include "monotonic.h"
#include "transition.h"

/* A progress line isn't worth it for less. */
#define PROGRESS_AFTER	0.3
#define PROGRESS_EVERY	0.5
/* Without a terminal a line stays for good: seldom. */
#define LOG_AFTER	2.0
#define LOG_EVERY	10.0
#define KICK_EVERY	2.0
/* The way back may take as long as the way there, and at least this long. */
#define BACK_MIN_S	30
/* So many walks have to be too long before it is given up: any may have been interrupted. */
#define LATE_TRIES	5
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
	if (tr->recorder)
		recorder_collect(tr->recorder);
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

static const char what_helps[] = " (what helps: klp-apply blockers)";

/* A line that is longer than the terminal is wide would leave its rest behind. */
static int columns(void)
{
	struct winsize ws;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) && ws.ws_col > sizeof(what_helps) ? ws.ws_col - 1 : 79;
}

static void progress_show(struct transition *tr, struct progress *p, uint64_t nr_old)
{
	char old[32], tasks[32], line[1024];
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
		snprintf(line + used, sizeof(line) - used, ": %s (%u%s%s) %s%s%s", b[0].comm, b[0].core.pid,
			 b[0].unit[0] ? ", " : "", b[0].unit, b[0].reason, p->tty ? "" : "; ",
			 p->tty ? "" : b[0].remedy);
	/* A remedy is too long for a line of a terminal. */
	if (p->tty)
		fprintf(stderr, "\r%.*s%s\033[K", columns() - (int)strlen(what_helps), line, what_helps);
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
	if (kicked > 0) {
		tr->kicked += kicked;
		if (tr->recorder)
			recorder_note(tr->recorder, RECORDER_KICK, kicked);
	}
	free(b);
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

/* Only so often can the pause have been too long. */
static bool too_long(struct transition *tr)
{
	return tr->max_pause_us && !core_pause(tr->core, tr->epoch, 0, &tr->pause, NULL) &&
	       tr->pause.nr_late >= LATE_TRIES;
}

/* Rounds until the core is idle, or there is a cause to stop. */
static int rounds(struct transition *tr, double end, enum transition_cause *cause,
		  struct klp_err *err)
{
	struct progress p = { .start = monotonic_s(), .tty = isatty(STDERR_FILENO) };
	double next_kick = p.start + tr->kick_after_s;
	sig_atomic_t signals = interrupted;
	struct qp_observe obs;
	int ret;

	p.next = p.start + (p.tty ? PROGRESS_AFTER : LOG_AFTER);
	*cause = CAUSE_NONE;
	for (;;) {
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
		else if (!tr->turned && too_long(tr))
			*cause = CAUSE_PAUSE;
		if (*cause != CAUSE_NONE)
			break;
		progress_show(tr, &p, obs.nr_old);
		kick(tr, &next_kick);
		budget_pause(&tr->budget);
	}
	progress_clear(&p);
	tr->use = budget_use(&tr->budget);
	return ret;
}

static void statistics(struct transition *tr, double start)
{
	struct qp_info info;

	tr->ms = (monotonic_s() - start) * 1e3;
	if (tr->strict && core_pause(tr->core, tr->epoch, 0, &tr->pause, NULL))
		tr->pause = (struct qp_pause){ 0 };
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
	budget_hurry(&tr->budget);
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

	budget_begin(&tr->budget);
	tr->end = TRANSITION_PENDING;
	tr->cause = CAUSE_NONE;
	ret = arm(tr, err);
	if (!ret && tr->strict && tr->max_pause_us)
		ret = core_pause(tr->core, tr->epoch, tr->max_pause_us, &tr->pause, err);
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
	json_t *j = json_pack("{s:f s:I s:I s:I s:I s:{s:f s:f s:f}}", "ms", tr->ms, "tasks", (json_int_t)tr->tasks,
			 "rounds", (json_int_t)tr->rounds, "committed", (json_int_t)tr->committed,
			 "kicked", (json_int_t)tr->kicked, "observer", "cpu_ms", tr->use.cpu_ms, "share", tr->use.share,
			 "rounds_per_s", tr->use.rounds_per_s);

	if (tr->strict)
		json_object_set_new(j, "pause", json_pack("{s:f s:f s:I s:f}", "ms", tr->pause.pause_ns / 1e6,
			"dry_ms", tr->pause.dry_ns / 1e6, "stops", (json_int_t)tr->pause.nr_stops,
			"max_ms", tr->max_pause_us / 1e3));
	return j;
}
