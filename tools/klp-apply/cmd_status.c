// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cmd_status.c - what is in the kernel now.
 *
 * Needs no lock and, but for a transition's details, no privilege.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apply.h"
#include "blockers.h"
#include "core.h"
#include "io.h"
#include "jsonstr.h"
#include "machine.h"
#include "patches.h"

/* "12 s", "3 min", "5 h", "9 d" */
static const char *ago(time_t then, char buf[32])
{
	long s = time(NULL) - then;

	if (s < 120)
		snprintf(buf, 32, "%ld s", s < 0 ? 0 : s);
	else if (s < 7200)
		snprintf(buf, 32, "%ld min", s / 60);
	else if (s < 172800)
		snprintf(buf, 32, "%ld h", s / 3600);
	else
		snprintf(buf, 32, "%ld d", s / 86400);
	return buf;
}

static void print_functions(const struct apply *a, const json_t *list)
{
	const json_t *f;
	size_t i;

	json_array_foreach(list, i, f)
		say(a, "    %s:%s (%s)\n", str(f, "object"), str(f, "name"), str(f, "file"));
}

/* Of a mitigation. */
static void print_expiry(const struct apply *a, const json_t *r)
{
	time_t t = json_integer_value(json_object_get(r, "expires"));
	char day[64];
	struct tm tm;

	if (!t || !gmtime_r(&t, &tm) || !strftime(day, sizeof(day), "%F %R UTC", &tm))
		return;
	if (t > time(NULL))
		say(a, "    mitigated, not fixed, until %s\n", day);
	else
		say(a, "    expired on %s: the function is as it was; not mitigated, not fixed\n", day);
}

static void print_patch(const struct apply *a, const struct patch *p)
{
	const json_t *r = p->record, *cve, *tr = json_object_get(r, "transition");
	char date[64], since[32], tasks[32], pending[256];
	time_t then = json_integer_value(json_object_get(r, "since")), expires = json_integer_value(json_object_get(r, "expires"));
	struct tm tm;
	size_t i;

	say(a, "  %s", p->name);
	if (r)
		say(a, " release %lld", (long long)json_integer_value(json_object_get(r, "release")));
	say(a, ": %s", patch_state_word(p->state));
	if (r && localtime_r(&then, &tm) && strftime(date, sizeof(date), "%F %T", &tm))
		say(a, " since %s (%s)", date, ago(then, since));
	say(a, "\n");
	if (p->state == QP_PATCH_APPLIED && json_array_size(p->pending))
		say(a, "    %s\n", pending_word(p->pending, p->nothing_here, pending));
	if (!r) {
		say(a, "    module %s; no record of it in " RECORD_DIR ", so no more is known\n",
		    p->module);
		return;
	}
	if (str(r, "summary")[0])
		say(a, "    %s\n", str(r, "summary"));
	print_expiry(a, r);
	json_array_foreach(json_object_get(r, "cves"), i, cve)
		say(a, "%s%s", i ? ", " : expires ? "    mitigates " : "    fixes ", json_string_value(cve));
	if (json_array_size(json_object_get(r, "cves")))
		say(a, "\n");
	print_functions(a, json_object_get(r, "functions"));
	if (json_is_object(tr))
		say(a, "    switched %s tasks in %.1f ms\n",
		    thousands(json_integer_value(json_object_get(tr, "tasks")), tasks),
		    json_number_value(json_object_get(tr, "ms")));
}

/* How often its tripwires were hit; -1: it has none, or we may not look. */
static long long tripped(const struct patch *p)
{
	char path[256];
	long long n = -1;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/tripped", p->module);
	if (!io_read_file(path, 64, &text, &len, NULL)) {
		n = strtoll(text, NULL, 10);
		free(text);
	}
	return n;
}

static json_t *patch_json(const struct patch *p, long long attempts)
{
	json_t *j = p->record ? json_deep_copy(p->record) : json_object();

	json_object_set_new(j, "name", json_string(p->name));
	json_object_set_new(j, "module", json_string(p->module));
	json_object_set_new(j, "state", json_string(patch_state_word(p->state)));
	json_object_set(j, "pending", p->pending);
	json_object_set_new(j, "nothing_in_force", json_boolean(p->nothing_here));
	if (attempts >= 0)
		json_object_set_new(j, "tripped", json_integer(attempts));
	return j;
}

/* Does a klp-apply drive the transition, or was it left behind? */
static bool driven(void)
{
	int fd;

	if (lock_take(0, &fd, NULL))
		return true;
	close(fd);
	return false;
}

static int transition_status(struct apply *a, const struct qp_info *info)
{
	bool by_somebody = driven();
	char old[32], tasks[32];

	json_object_set_new(a->reply, "transition", json_pack("{s:s s:s s:I s:I s:b}",
		"patch", info->patch, "target",
		info->target == QP_PATCH_APPLIED ? "applied" : "reverted",
		"old", (json_int_t)info->nr_old, "tasks", (json_int_t)info->nr_tasks,
		"driven", by_somebody));
	say(a, "A transition of %s to %s is under way: %s of %s tasks are still to switch.\n",
	    info->patch, info->target == QP_PATCH_APPLIED ? "applied" : "reverted",
	    thousands(info->nr_old, old), thousands(info->nr_tasks, tasks));
	if (by_somebody) {
		say(a, "  klp-apply blockers names them.\n");
		return EXIT_DONE;
	}
	say(a, "  The klp-apply that began it is gone. Finish it: klp-apply resume; or go back: "
	    "klp-apply revert %s\n", info->patch);
	return EXIT_PENDING;
}

static void tell_stragglers(const struct apply *a, struct core *core, const char *module, json_t *patch)
{
	struct straggler *s;
	size_t nr;

	stragglers_get(core, module, &s, &nr);
	json_object_set_new(patch, "stragglers", stragglers_json(s, nr));
	stragglers_print(a, s, nr);
	free(s);
}

static int no_core(struct apply *a, const struct machine *mc)
{
	json_object_set_new(a->reply, "core", json_false());
	say(a, "Kernel %s: no patches; the core module quietpatch isn't loaded.\n", mc->release);
	return EXIT_DONE;
}

int cmd_status(struct apply *a, int argc, char **argv)
{
	struct core *core = NULL;
	struct patch *list = NULL;
	struct qp_info info = { 0 };
	struct machine mc;
	json_t *patches = json_array();
	size_t nr = 0, i;
	int ret, status = EXIT_DONE;

	(void)argv;
	json_object_set_new(a->reply, "patches", patches);
	json_object_set_new(a->reply, "transition", json_null());
	if (argc)
		return refuse(a, EXIT_USAGE, "status takes no arguments");
	if (machine_read(&mc, &a->err))
		return EXIT_FAILED;
	json_object_set_new(a->reply, "kernel", json_string(mc.release));
	json_object_set_new(a->reply, "build_id", json_string(mc.build_id));
	ret = patches_get(&list, &nr, &a->err);
	if (ret == -ENOENT)
		return no_core(a, &mc);
	if (ret)
		return EXIT_FAILED;
	json_object_set_new(a->reply, "core", json_true());
	say(a, "Kernel %s: %zu patch%s\n", mc.release, nr, nr == 1 ? "" : "es");
	if (core_open(&core, NULL))
		core = NULL;	/* not root: no details */
	for (i = 0; i < nr; i++) {
		long long attempts = tripped(&list[i]);

		json_array_append_new(patches, patch_json(&list[i], attempts));
		print_patch(a, &list[i]);
		if (attempts >= 0)
			say(a, "    %lld attempt%s at what it forbids\n", attempts, attempts == 1 ? "" : "s");
		if (core)
			tell_stragglers(a, core, list[i].module, json_array_get(patches, i));
	}
	if (core && !core_info(core, &info, NULL) && info.phase == QP_TRANSITION)
		status = transition_status(a, &info);
	core_close(core);
	patches_free(list, nr);
	return status;
}

int cmd_list(struct apply *a, int argc, char **argv)
{
	struct patch *list = NULL;
	json_t *patches = json_array();
	size_t nr = 0, i;
	int ret;

	(void)argv;
	json_object_set_new(a->reply, "patches", patches);
	if (argc)
		return refuse(a, EXIT_USAGE, "list takes no arguments");
	ret = patches_get(&list, &nr, &a->err);
	if (ret && ret != -ENOENT)
		return EXIT_FAILED;
	for (i = 0; i < nr; i++) {
		json_array_append_new(patches, patch_json(&list[i], tripped(&list[i])));
		say(a, "%s\t%s\n", list[i].name, patch_state_word(list[i].state));
	}
	patches_free(list, nr);
	return EXIT_DONE;
}
