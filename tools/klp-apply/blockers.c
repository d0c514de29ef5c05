// SPDX-License-Identifier: GPL-2.0-or-later
/* blockers.c - see blockers.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blockers.h"
#include "core.h"
#include "err.h"
#include "io.h"

/* task_struct::__state, the same on all kernels that we run on. */
#define STATE_INTERRUPTIBLE	0x1
#define STATE_UNINTERRUPTIBLE	0x2
#define STATE_STOPPED		0x4
#define STATE_TRACED		0x8

#define PF_KTHREAD		0x00200000

static void describe_reason(struct blocker *b)
{
	const char *f = b->core.function[0] ? b->core.function : "affected code";
	size_t n = sizeof(b->reason);

	switch (b->core.verdict) {
	case QP_V_AFFECTED:
	case QP_V_DISAGREE:
		if (!b->core.state)
			snprintf(b->reason, n, "running in %s", f);
		else if (b->wchan[0])
			snprintf(b->reason, n, "asleep in %s (waits in %s)", f, b->wchan);
		else
			snprintf(b->reason, n, "asleep in %s", f);
		break;
	case QP_V_INCOMPLETE:
		if (b->core.function[0])
			snprintf(b->reason, n, "unreliable stack: it can't be followed past %s",
				 b->core.function);
		else
			snprintf(b->reason, n, "unreliable stack: it can't be followed to its end");
		break;
	case QP_V_RUNNING:
		snprintf(b->reason, n, "on a CPU whenever it was looked at");
		break;
	case QP_V_MOVED:
	case QP_V_STALE:
	case QP_V_DIRTY:
		snprintf(b->reason, n, "busy: it ran while it was looked at");
		break;
	case QP_V_CLEAN:
		snprintf(b->reason, n, "outside the affected code; not switched yet");
		break;
	default:
		snprintf(b->reason, n, "not judged yet");
		break;
	}
}

static void describe_remedy(struct blocker *b)
{
	size_t n = sizeof(b->remedy);
	int pid = b->core.pid;

	if (b->core.verdict != QP_V_AFFECTED && b->core.verdict != QP_V_DISAGREE)
		snprintf(b->remedy, n, "nothing to do: it is looked at again in each round");
	else if (b->kthread)
		snprintf(b->remedy, n, "a kernel thread; it switches by itself when it leaves that "
			 "code%s", b->core.state & STATE_INTERRUPTIBLE ? ", and --kick safe wakes it" : "");
	else if (b->core.state & (STATE_STOPPED | STATE_TRACED))
		snprintf(b->remedy, n, "let it go on (kill -CONT %d, or its debugger)", pid);
	else if (b->core.state & STATE_INTERRUPTIBLE)
		snprintf(b->remedy, n, "it switches when that call returns: give it what it waits "
			 "for, or wake it: --kick safe (calls that start again unseen), --kick all "
			 "(epoll_wait, semop, sigtimedwait and a receive with a timeout return "
			 "EINTR), or kill -STOP %d && kill -CONT %d", pid, pid);
	else if (b->core.state & STATE_UNINTERRUPTIBLE)
		snprintf(b->remedy, n, "it waits for I/O or a lock and can't be woken; try again "
			 "when that is done");
	else
		snprintf(b->remedy, n, "it switches when it leaves that code");
}

void blocker_describe(struct blocker *b)
{
	describe_reason(b);
	describe_remedy(b);
}

/* Field 9 of /proc/PID/stat; comm, field 2, may hold spaces and brackets. */
static bool is_kthread(unsigned int pid)
{
	unsigned int flags = 0;
	char path[64], *p;
	bool is = false;
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	if (io_read_file(path, 4096, &text, &len, NULL))
		return false;
	p = strrchr(text, ')');
	if (p && sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1)
		is = flags & PF_KTHREAD;
	free(text);
	return is;
}

static void read_wchan(struct blocker *b)
{
	char path[64];
	void *text;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%u/wchan", b->core.pid);
	if (io_read_file(path, 4096, &text, &len, NULL))
		return;
	if (strcmp(text, "0"))
		snprintf(b->wchan, sizeof(b->wchan), "%.63s", (char *)text);
	free(text);
}

void blocker_look(struct blocker *b)
{
	b->kthread = is_kthread(b->core.pid);
	if (b->core.state)
		read_wchan(b);
	blocker_describe(b);
}

int blockers_get(struct core *c, uint64_t epoch, struct blocker **out, size_t *nr,
		 struct klp_err *err)
{
	struct qp_blocker *raw;
	struct blocker *b;
	size_t n, i;
	int ret;

	ret = core_blockers(c, epoch, &raw, &n, err);
	if (ret)
		return ret;
	b = calloc(n ? n : 1, sizeof(*b));
	if (!b) {
		free(raw);
		return klp_err_sys(err, -ENOMEM, "cannot list %zu tasks", n);
	}
	for (i = 0; i < n; i++) {
		b[i].core = raw[i];
		blocker_look(&b[i]);
	}
	free(raw);
	*out = b;
	*nr = n;
	return 0;
}

static const char *verdict_word(uint32_t verdict)
{
	static const char *const words[] = {
		[QP_V_CLEAN] = "clean", [QP_V_AFFECTED] = "affected",
		[QP_V_INCOMPLETE] = "incomplete", [QP_V_RUNNING] = "running",
		[QP_V_MOVED] = "moved", [QP_V_STALE] = "stale", [QP_V_DIRTY] = "dirty",
		[QP_V_ALREADY] = "already", [QP_V_GONE] = "gone",
		[QP_V_COMMITTED] = "committed", [QP_V_DISAGREE] = "disagree",
	};

	return verdict < sizeof(words) / sizeof(words[0]) ? words[verdict] : "unjudged";
}

json_t *blockers_json(const struct blocker *b, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_pack("{s:i s:i s:s% s:s s:s s:b s:s s:s s:s}",
			"pid", (int)b[i].core.pid, "tgid", (int)b[i].core.tgid,
			"comm", b[i].core.comm, strlen(b[i].core.comm),
			"verdict", verdict_word(b[i].core.verdict),
			"function", b[i].core.function, "kernel_thread", b[i].kthread,
			"waits_in", b[i].wchan, "reason", b[i].reason, "remedy", b[i].remedy));
	return list;
}

const char *thousands(uint64_t n, char buf[32])
{
	char digits[24];
	size_t len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), i;
	char *p = buf;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return buf;
}
