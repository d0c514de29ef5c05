// SPDX-License-Identifier: GPL-2.0-or-later
/* stragglers.c - see stragglers.h. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apply.h"
#include "core.h"
#include "fuse.h"
#include "monotonic.h"
#include "stragglers.h"

/* For people; JSON has them all. */
#define PRINTED	16

/* The core sees twice a second who has died. */
#define DIE_MS		2000
#define DIE_POLL_US	100000

static void look(struct straggler *s)
{
	struct qp_blocker *b = &s->task.core;

	*b = (struct qp_blocker){ .pid = s->core.pid, .tgid = s->core.tgid, .verdict = s->core.verdict,
				  .state = s->core.state, .frame = s->core.frame };
	memcpy(b->comm, s->core.comm, sizeof(b->comm));
	memcpy(b->function, s->core.function, sizeof(b->function));
	blocker_look(&s->task, NULL);
}

void stragglers_get(struct core *c, const char *module, struct straggler **out, size_t *nr)
{
	struct qp_straggler *raw = NULL;
	struct straggler *list;
	size_t n = 0, i;

	*out = NULL;
	*nr = 0;
	if (core_stragglers(c, &raw, &n, NULL) || !n)
		return;
	list = calloc(n, sizeof(*list));
	for (i = 0; list && i < n; i++) {
		if (strcmp(raw[i].patch, module))
			continue;
		list[*nr].core = raw[i];
		look(&list[(*nr)++]);
	}
	free(raw);
	*out = list;
}

json_t *stragglers_json(const struct straggler *s, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_pack("{s:I s:I s:I s:s s:s s:s s:s s:s s:s s:f}",
			"pid", (json_int_t)s[i].core.pid, "process", (json_int_t)s[i].core.tgid,
			"uid", (json_int_t)s[i].core.uid, "comm", s[i].task.comm,
			"unit", s[i].task.unit, "function", s[i].core.function,
			"stack", s[i].task.stack, "reason", s[i].task.reason,
			"runs", s[i].core.target == QP_PATCH_APPLIED ? "old" : "patch",
			"seconds", s[i].core.age_ns / 1e9));
	return list;
}

void stragglers_print(const struct apply *a, const struct straggler *s, size_t nr)
{
	size_t i;

	for (i = 0; i < nr && i < PRINTED; i++)
		say(a, "    straggler %s (%u), user %u%s%s: in %s for more than %.0f s, still runs %s code\n",
		    s[i].task.comm, s[i].core.pid, s[i].core.uid, s[i].task.unit[0] ? ", " : "", s[i].task.unit,
		    s[i].core.function[0] ? s[i].core.function : "a call that couldn't be followed",
		    s[i].core.age_ns / 1e9, s[i].core.target == QP_PATCH_APPLIED ? "the old" : "the patch's");
	if (nr > PRINTED)
		say(a, "    and %zu more\n", nr - PRINTED);
}

static bool still_there(const struct qp_straggler *list, size_t nr, const struct qp_straggler *s)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (list[i].pid == s->pid && list[i].tgid == s->tgid && list[i].start_boottime == s->start_boottime)
			return true;
	return false;
}

static bool of_a_user(const struct straggler *s)
{
	return s->core.uid && !(s->core.flags & QP_STRAGGLER_KTHREAD);
}

/* Is it one yet, as the core says? */
static bool is_left(struct core *c, const struct straggler *s)
{
	struct qp_straggler *now = NULL;
	size_t n = 0;
	bool yes = !core_stragglers(c, &now, &n, NULL) && still_there(now, n, &s->core);

	free(now);
	return yes;
}

size_t stragglers_kill(struct core *c, const struct straggler *s, size_t nr)
{
	size_t i, killed = 0;
	int fd;

	for (i = 0; i < nr; i++) {
		fd = of_a_user(&s[i]) ? syscall(SYS_pidfd_open, s[i].core.tgid, 0) : -1;
		if (fd < 0)
			continue;
		/* Asked after the process was pinned: its number may have been used again. */
		if (is_left(c, &s[i]) && !syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0))
			killed++;
		close(fd);
	}
	return killed;
}

size_t stragglers_abort(struct core *c, const struct straggler *s, size_t nr)
{
	int64_t end = monotonic_ms() + DIE_MS;
	size_t i, aborted = 0;

	for (i = 0; i < nr; i++) {
		if (!of_a_user(&s[i]))
			continue;
		while (is_left(c, &s[i]) && monotonic_ms() < end)
			usleep(DIE_POLL_US);
		if (is_left(c, &s[i]))
			aborted += fuse_abort(s[i].core.uid);
	}
	return aborted;
}
