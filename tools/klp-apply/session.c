// SPDX-License-Identifier: GPL-2.0-or-later
/* session.c - see session.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../klp-monitor/monitor.h"
#include "../klp-monitor/recorder.h"
#include "apply.h"
#include "blockers.h"
#include "core.h"
#include "io.h"
#include "jsonstr.h"
#include "machine.h"
#include "module.h"
#include "monotonic.h"
#include "patches.h"
#include "policy.h"
#include "session.h"
#include "timeline.h"
#include "transition.h"

/* RCU-tasks, which the core may have to wait for, was seen to take 40 s. */
#define UNLOAD_WAIT_S	60
#define CORE_LEAVES_LATER_MS 2000

/* It is installed, and the kernel doesn't take it: then that is why there is none. */
static bool refused_core(struct apply *a)
{
	struct machine mc;
	struct klp_err err;
	char path[512];

	if (machine_read(&mc, &err) || machine_module_path(&mc, CORE_MODULE, path, sizeof(path)) || !policy_judge_file(CORE_MODULE, path, &err))
		return false;
	a->err = err;
	return true;
}

int session_open(struct session *s, struct apply *a)
{
	int ret;

	*s = (struct session){ .lock = -1 };
	if (machine_may_load(&a->err))
		return EXIT_FAILED;
	ret = lock_take(a->timeout_s, &s->lock, &a->err);
	if (ret)
		return ret == -EBUSY ? EXIT_PENDING : EXIT_FAILED;
	ret = core_open(&s->core, &a->err);
	if (ret == -ENOENT && !module_probe(CORE_MODULE)) {
		say(a, "Loaded the core module %s.\n", CORE_MODULE);
		ret = core_open(&s->core, &a->err);
	}
	if (!ret)
		ret = core_info(s->core, &s->info, &a->err);
	if (ret == -ENOENT)
		return refused_core(a) ? EXIT_TRUST : EXIT_NOT_FOUND;
	return ret ? EXIT_FAILED : EXIT_DONE;
}

void session_close(struct session *s)
{
	recorder_close(s->recorder);
	monitor_close(s->monitor);
	core_close(s->core);
	if (s->lock >= 0)
		close(s->lock);
}

bool session_pending(const struct session *s)
{
	return s->info.phase == QP_TRANSITION;
}

uint32_t session_start_flags(const struct apply *a)
{
	return (a->no_monitor || a->strict ? QP_START_CORE_ONLY : 0) |
	       (a->strict ? QP_START_STRICT : 0) | (a->no_settle ? QP_START_NO_SETTLE : 0);
}

int session_observe(struct session *s, struct apply *a, uint32_t flags)
{
	if (a->timeline && io_check_output(a->timeline, &a->err))
		return EXIT_FAILED;
	if (a->timeline && !s->recorder && recorder_open(&s->recorder, &a->err))
		return EXIT_FAILED;
	if (s->monitor || flags & QP_START_CORE_ONLY)
		return EXIT_DONE;
	return monitor_open(&s->monitor, &a->err) ? EXIT_FAILED : EXIT_DONE;
}

/* "web (812) asleep in unix_poll; it switches when ..." for up to three tasks. */
static void name_blockers(const struct transition *tr, char *buf, size_t room)
{
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < tr->nr_blockers && i < 3 && used < room; i++)
		used += snprintf(buf + used, room - used, "\n  %s (%u%s%s): %s; %s",
				 tr->blockers[i].comm, tr->blockers[i].core.pid,
				 tr->blockers[i].unit[0] ? ", " : "", tr->blockers[i].unit,
				 tr->blockers[i].reason, tr->blockers[i].remedy);
	if (tr->nr_blockers > 3 && used < room)
		snprintf(buf + used, room - used, "\n  and %zu more", tr->nr_blockers - 3);
}

static int outcome(struct apply *a, const struct transition *tr)
{
	char names[2400];

	json_object_set_new(a->reply, "transition", transition_json(tr));
	if (tr->nr_blockers)
		json_object_set_new(a->reply, "blockers",
				    blockers_json(tr->blockers, tr->nr_blockers));
	if (tr->nr_left)
		json_object_set_new(a->reply, "stragglers", stragglers_json(tr->left, tr->nr_left));
	if (tr->end == TRANSITION_DONE)
		return EXIT_DONE;
	name_blockers(tr, names, sizeof(names));
	if (tr->end == TRANSITION_PENDING) {
		klp_err_wrap(&a->err, "the transition of %s is still under way", tr->name);
		return EXIT_PENDING;
	}
	switch (tr->cause) {
	case CAUSE_TIMEOUT:
		return refuse(a, EXIT_ROLLED_BACK, "%s: %llu task%s hadn't switched after %u s, so "
			      "everything was put back as it was%s%s\n"
			      "Try again, with a longer --timeout if need be, or end without them: --stragglers leave", tr->name,
			      (unsigned long long)tr->nr_old, tr->nr_old == 1 ? "" : "s",
			      tr->timeout_s, names[0] ? ":" : ".", names);
	case CAUSE_SIGNAL:
		return refuse(a, EXIT_ROLLED_BACK, "%s: interrupted; everything was put back as it "
			      "was", tr->name);
	case CAUSE_PAUSE:
		return refuse(a, EXIT_ROLLED_BACK, "%s: the machine would have been stopped for longer than --max-pause "
			      "%g ms: a look at all tasks took %.3g ms at the least, in %u tries (and stopped it %u "
			      "times, for %.3g ms at the most). Everything was put back as it was.\n"
			      "Allow more, or let each task switch by itself: --consistency task", tr->name,
			      tr->max_pause_us / 1e3, tr->pause.dry_ns / 1e6, tr->pause.nr_late, tr->pause.nr_stops,
			      tr->pause.pause_ns / 1e6);
	default:
		klp_err_wrap(&a->err, "%s: the transition failed and everything was put back as it "
			     "was", tr->name);
		return EXIT_FAILED;
	}
}

static const char *end_words(const struct transition *tr)
{
	return tr->end == TRANSITION_REVERSED ? "put back as it was" :
	       tr->end == TRANSITION_PENDING ? "under way still" : tr->nr_left ? "done, but for stragglers" : "done";
}

/* What it shows has happened: not being able to draw it changes nothing. */
static void draw_timeline(struct session *s, struct apply *a, const struct transition *tr)
{
	struct timeline t = { 0 };
	struct klp_err err;
	char title[256], tasks[32], *svg;
	struct qp_info info;
	size_t len;
	int ret;

	json_object_set_new(a->reply, "timeline", json_null());
	recorder_collect(s->recorder);
	t.events = recorder_events(s->recorder, &t.nr);
	t.lost = recorder_lost(s->recorder);
	ret = core_info(s->core, &info, &err);
	t.start_ns = info.started_ns;
	t.end_ns = ret || info.phase == QP_TRANSITION ? (uint64_t)(monotonic_s() * 1e9) : info.finished_ns;
	snprintf(title, sizeof(title), "%s: %s tasks, %s", tr->name, thousands(tr->tasks, tasks), end_words(tr));
	t.title = title;
	if (!ret)
		ret = timeline_draw(&t, &svg, &len);
	if (!ret) {
		ret = io_write_output(a->timeline, svg, len, 0644, &err);
		free(svg);
	} else {
		klp_err_sys(&err, ret, "cannot draw it");
	}
	if (ret)
		fprintf(stderr, "klp-apply: no timeline: %s\n", err.text);
	else
		json_object_set_new(a->reply, "timeline", json_text(a->timeline));
}

static int drive(struct session *s, struct apply *a, struct transition *tr)
{
	int status;

	tr->core = s->core;
	tr->monitor = s->monitor;
	tr->recorder = s->recorder;
	tr->timeout_s = a->timeout_s;
	tr->quiet = a->json;
	tr->max_pause_us = a->max_pause_us;
	tr->kick = a->kick;
	tr->kick_after_s = a->kick_after_s;
	tr->stragglers = a->stragglers;
	transition_run(tr, &a->err);
	if (a->stragglers >= STRAGGLERS_KILL && tr->nr_left)
		tr->killed = stragglers_kill(s->core, tr->left, tr->nr_left);
	if (a->stragglers == STRAGGLERS_ABORT && tr->nr_left)
		tr->aborted = stragglers_abort(s->core, tr->left, tr->nr_left);
	if (s->recorder)
		draw_timeline(s, a, tr);
	status = outcome(a, tr);
	if (s->monitor) {
		struct monitor_counts n = monitor_counts(s->monitor);

		json_object_set_new(a->reply, "monitor", json_pack("{s:I s:I s:I s:I}",
			"judged", (json_int_t)n.judged, "observed", (json_int_t)n.observed,
			"truncated", (json_int_t)n.truncated,
			"write_failed", (json_int_t)n.write_failed));
	}
	return status;
}

/* Should this process be killed, the core goes on; a bit later than we would. */
static uint32_t leave_after_ms(const struct apply *a)
{
	return a->stragglers >= STRAGGLERS_LEAVE ? a->timeout_s * 1000 + CORE_LEAVES_LATER_MS : 0;
}

int session_switch(struct session *s, struct apply *a, const char *module, uint32_t target,
		   struct transition *tr)
{
	*tr = (struct transition){ .name = module, .may_reverse = true, .strict = a->strict };
	transition_catch_signals();
	if (core_start(s->core, module, target, session_start_flags(a), leave_after_ms(a), &tr->epoch, &a->err))
		return EXIT_FAILED;
	return drive(s, a, tr);
}

int session_resume(struct session *s, struct apply *a, bool reverse, struct transition *tr)
{
	int ret = 0;

	*tr = (struct transition){
		.name = s->info.patch,
		.epoch = s->info.epoch,
		.strict = s->info.flags & QP_START_STRICT,
		.may_reverse = !reverse && s->info.target == QP_PATCH_APPLIED,
	};

	transition_catch_signals();
	tr->core = s->core;
	if (reverse)
		ret = transition_turn(tr, &a->err);
	if (ret < 0)
		return EXIT_FAILED;
	return ret ? EXIT_DONE : drive(s, a, tr);
}

void session_tell_switch(const struct apply *a, const char *what, const struct transition *tr)
{
	char tasks[32];

	if (tr->strict)
		say(a, "all tasks %s at one moment, after %.1f ms: the machine was stopped for %.3g ms (a look at them "
		    "before: %.3g ms).\n", what, tr->ms, tr->pause.pause_ns / 1e6, tr->pause.dry_ns / 1e6);
	else
		say(a, "%s tasks %s in %.1f ms, %u round%s, %.1f ms of CPU.\n", thousands(tr->tasks, tasks), what, tr->ms,
		    tr->rounds, tr->rounds == 1 ? "" : "s", tr->use.cpu_ms);
	session_tell_left(a, tr);
}

void session_tell_left(const struct apply *a, const struct transition *tr)
{
	if (!tr->nr_left)
		return;
	say(a, "  %zu task%s never left the affected code; the core switches each when it leaves:\n",
	    tr->nr_left, tr->nr_left == 1 ? "" : "s");
	stragglers_print(a, tr->left, tr->nr_left);
	if (tr->killed)
		say(a, "    %zu process%s of ordinary users killed (--stragglers kill)\n", tr->killed,
		    tr->killed == 1 ? "" : "es");
	if (tr->aborted)
		say(a, "    %zu FUSE filesystem%s of theirs aborted (--stragglers abort)\n", tr->aborted,
		    tr->aborted == 1 ? "" : "s");
}

int session_unload(struct apply *a, const char *module)
{
	int ret = module_unload(module, UNLOAD_WAIT_S, &a->err);

	if (ret)
		return ret == -EBUSY ? EXIT_PENDING : EXIT_FAILED;
	record_remove(module);
	return EXIT_DONE;
}
