// SPDX-License-Identifier: GPL-2.0-or-later
/* outlook.c - see outlook.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../klp-monitor/monitor.h"
#include "affected.h"
#include "apply.h"
#include "budget.h"
#include "err.h"
#include "io.h"
#include "manifest.h"
#include "monotonic.h"
#include "outlook.h"
#include "patches.h"

#define EPOCH		1	/* of what never begins */
#define HOT_SHOWN	5
#define BLOCKERS_SHOWN	5

struct watch {
	struct monitor *monitor;
	struct affected code;
	struct outlook *out;
};

/* The name and the state of a task; false: it has gone. */
static bool read_task(struct qp_blocker *b)
{
	static const struct { char letter; __u32 state; } states[] = {
		{ 'R', 0 }, { 'S', 1 }, { 'D', 2 }, { 'I', 2 }, { 'T', 4 }, { 't', 8 },
	};
	char path[64], letter, *open, *close;
	bool ok = false;
	void *text;
	size_t len, i;

	snprintf(path, sizeof(path), "/proc/%u/stat", b->pid);
	if (io_read_file(path, 4096, &text, &len, NULL))
		return false;
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (open && close > open && sscanf(close + 1, " %c", &letter) == 1) {
		snprintf(b->comm, sizeof(b->comm), "%.*s", (int)(close - open - 1), open + 1);
		for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
			if (states[i].letter == letter)
				b->state = states[i].state;
		ok = true;
	}
	free(text);
	return ok;
}

static void name_place(const struct watch *w, struct outlook_blocker *o)
{
	const char *name = affected_name(&w->code, o->b.core.frame);

	snprintf(o->b.core.function, sizeof(o->b.core.function), "%s", name ? name : "");
}

/* Since when has the task been in the sleep that it is in? */
static double since(const struct outlook_blocker *before, size_t nr, const struct qp_task_verdict *v, double t)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (before[i].b.core.pid == v->pid && before[i].switches == v->switches)
			return before[i].since;
	return t;
}

/* Idle tasks and ourselves run while we look; the core sees them in its IPI. */
static bool counts(const struct qp_task_verdict *v)
{
	return v->verdict == QP_V_AFFECTED || (v->pid && v->pid != (__u32)getpid());
}

/* Who isn't clean now takes the place of who wasn't before. */
static int note(struct watch *w, const struct qp_task_verdict *v, size_t nr)
{
	struct outlook_blocker *list = calloc(nr ? nr : 1, sizeof(*list));
	struct outlook *o = w->out;
	double t = monotonic_s();
	size_t i, n = 0;

	if (!list)
		return -ENOMEM;
	o->nr_others = 0;
	for (i = 0; i < nr; i++) {
		if (!counts(&v[i]))
			continue;
		if (v[i].verdict != QP_V_AFFECTED && v[i].verdict != QP_V_INCOMPLETE) {
			o->nr_others++;
			continue;
		}
		list[n].b.core.pid = v[i].pid;
		list[n].b.core.verdict = v[i].verdict;
		list[n].b.core.frame = v[i].frame;
		list[n].switches = v[i].switches;
		list[n].since = since(o->blockers, o->nr_blockers, &v[i], t);
		list[n].for_s = t - list[n].since;
		n++;
	}
	free(o->blockers);
	o->blockers = list;
	o->nr_blockers = n;
	return 0;
}

static int look(struct watch *w, struct klp_err *err)
{
	struct qp_task_verdict *v;
	size_t clean, all, i;
	int ret = monitor_collect(w->monitor, &v, &clean, &all, err);

	if (ret)
		return ret;
	for (i = 0; i < clean; i++)
		v[i].result = QP_V_COMMITTED;
	monitor_done(w->monitor, v, clean);
	if (!w->out->tasks)
		w->out->tasks = all;
	ret = note(w, v + clean, all - clean);
	return ret ? klp_err_sys(err, ret, "cannot look ahead") : 0;
}

static int watch(struct watch *w, double for_s, bool enough, struct klp_err *err)
{
	double start = monotonic_s();
	struct outlook *o = w->out;
	struct budget budget;
	int ret;

	budget_begin(&budget);
	o->switch_s = -1;
	for (;;) {
		ret = look(w, err);
		if (ret)
			return ret;
		o->watched_s = monotonic_s() - start;
		if (o->switch_s < 0 && !o->nr_blockers && !o->nr_others)
			o->switch_s = o->watched_s;
		o->use = budget_use(&budget);
		if (o->watched_s >= for_s || (enough && o->switch_s >= 0))
			return 0;
		budget_pause(&budget);
	}
}

static void look_up(struct watch *w, const struct manifest *m)
{
	json_t *brief = manifest_brief(m), *functions = json_object_get(brief, "functions");
	struct outlook *o = w->out;
	size_t i, n = 0;

	for (i = 0; i < o->nr_blockers; i++) {
		struct outlook_blocker *b = &o->blockers[i];

		if (b->b.core.pid && !read_task(&b->b.core))
			continue;
		name_place(w, b);
		blocker_look(&b->b, functions);
		o->blockers[n++] = *b;
	}
	o->nr_blockers = n;
	json_decref(brief);
}

static int by_times(const void *a, const void *b)
{
	const struct outlook_hot *x = a, *y = b;

	return x->times < y->times ? 1 : x->times > y->times ? -1 : strcmp(x->function, y->function);
}

/* Ticks tell frames; people want functions. */
static int gather_hot(struct watch *w, struct klp_err *err)
{
	struct outlook *o = w->out;
	struct monitor_sample *list;
	size_t nr, i, k;
	int ret = monitor_samples(w->monitor, &list, &nr, err);

	if (ret)
		return ret;
	o->ticks = monitor_counts(w->monitor).sampled;
	o->hot = calloc(nr ? nr : 1, sizeof(*o->hot));
	for (i = 0; o->hot && i < nr; i++) {
		const char *name = affected_name(&w->code, list[i].frame);

		for (k = 0; name && k < o->nr_hot && strcmp(o->hot[k].function, name); k++)
			;
		if (!name)
			continue;
		if (k == o->nr_hot)
			snprintf(o->hot[o->nr_hot++].function, sizeof(o->hot[k].function), "%s", name);
		o->hot[k].times += list[i].times;
	}
	free(list);
	if (!o->hot)
		return klp_err_sys(err, -ENOMEM, "cannot list what ran");
	qsort(o->hot, o->nr_hot, sizeof(*o->hot), by_times);
	return 0;
}

int outlook_get(const struct manifest *m, double for_s, bool enough, struct outlook *out, struct klp_err *err)
{
	struct watch w = { .out = out };
	int ret;

	*out = (struct outlook){ 0 };
	ret = affected_find(m, &w.code, err);
	if (ret)
		return ret;
	if (w.code.hidden[0])
		ret = klp_err_set(err, -EOPNOTSUPP, "%s is part of the scheduler's own code, which the stacks that "
				  "BPF programs get leave out", w.code.hidden);
	if (!ret)
		ret = monitor_open_ahead(&w.monitor, err);
	if (!ret)
		ret = monitor_arm(w.monitor, w.code.ranges, w.code.nr, EPOCH, err);
	if (!ret)
		ret = watch(&w, for_s, enough, err);
	if (!ret)
		ret = gather_hot(&w, err);
	if (!ret)
		look_up(&w, m);
	monitor_close(w.monitor);
	affected_free(&w.code);
	if (ret)
		outlook_free(out);
	return ret;
}

void outlook_free(struct outlook *o)
{
	free(o->blockers);
	free(o->hot);
	*o = (struct outlook){ 0 };
}

void outlook_print(const struct apply *a, const struct outlook *o)
{
	char tasks[32];
	size_t i;

	say(a, "  looked on for %.2f s (%.0f ms of CPU), at %s tasks: ", o->watched_s, o->use.cpu_ms,
	    thousands(o->tasks, tasks));
	if (o->switch_s >= 0)
		say(a, "all would have switched after %.0f ms\n", o->switch_s * 1e3);
	else if (o->nr_blockers)
		say(a, "it would wait for %zu of them\n", o->nr_blockers);
	else
		say(a, "%zu ran whenever they were looked at\n", o->nr_others);
	for (i = 0; i < o->nr_hot && i < HOT_SHOWN; i++)
		say(a, "    hot: %s ran in %.0f%% of %llu ticks\n", o->hot[i].function,
		    100.0 * o->hot[i].times / o->ticks, (unsigned long long)o->ticks);
	for (i = 0; i < o->nr_blockers && i < BLOCKERS_SHOWN; i++)
		say(a, "%7u  %-15s  %s, for %.1f s or longer%s%s\n         %s\n", o->blockers[i].b.core.pid,
		    o->blockers[i].b.comm, o->blockers[i].b.reason, o->blockers[i].for_s,
		    o->blockers[i].b.unit[0] ? "; of " : "", o->blockers[i].b.unit, o->blockers[i].b.remedy);
	if (o->nr_blockers > BLOCKERS_SHOWN)
		say(a, "         and %zu more\n", o->nr_blockers - BLOCKERS_SHOWN);
}

json_t *outlook_json(const struct outlook *o)
{
	json_t *hot = json_array(), *list = json_array(), *one;
	size_t i;

	for (i = 0; i < o->nr_hot; i++)
		json_array_append_new(hot, json_pack("{s:s s:I}", "function", o->hot[i].function, "ticks",
						     (json_int_t)o->hot[i].times));
	for (i = 0; i < o->nr_blockers; i++) {
		one = blockers_json(&o->blockers[i].b, 1);
		json_object_set_new(json_array_get(one, 0), "for_s", json_real(o->blockers[i].for_s));
		json_array_extend(list, one);
		json_decref(one);
	}
	return json_pack("{s:f s:f s:I s:o s:I s:I s:o s:o}", "watched_s", o->watched_s,
			 "cpu_ms", o->use.cpu_ms, "tasks", (json_int_t)o->tasks,
			 "switch_ms", o->switch_s < 0 ? json_null() : json_real(o->switch_s * 1e3),
			 "ticks", (json_int_t)o->ticks, "running", (json_int_t)o->nr_others, "hot", hot,
			 "blockers", list);
}
