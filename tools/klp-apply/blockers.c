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
#include "patches.h"
#include "printable.h"

/* task_struct::__state, the same on all kernels that we run on. */
#define STATE_INTERRUPTIBLE	0x1
#define STATE_UNINTERRUPTIBLE	0x2
#define STATE_STOPPED		0x4
#define STATE_TRACED		0x8

#define PF_KTHREAD		0x00200000

static void describe_reason(struct blocker *b)
{
	char f[QP_NAME_LEN + sizeof(b->source) + 4];
	size_t n = sizeof(b->reason);

	snprintf(f, sizeof(f), "%s%s%s%s", b->core.function[0] ? b->core.function : "affected code",
		 b->source[0] ? " (" : "", b->source, b->source[0] ? ")" : "");

	switch (b->core.verdict) {
	case QP_V_AFFECTED:
	case QP_V_DISAGREE:
		if (!b->core.state)
			snprintf(b->reason, n, "running in %s", f);
		else if (b->wchan[0] && strcmp(b->wchan, b->core.function))
			snprintf(b->reason, n, "asleep in %s, waits in %s", f, b->wchan);
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
			 "EINTR, a write is cut short), or kill -STOP %d && kill -CONT %d", pid, pid);
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

/*
 * "0::/system.slice/web.service": the innermost part that is a unit, else the whole path.  Whoever
 * runs a program may name its cgroup.
 */
static void read_unit(struct blocker *b)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	char path[64], *line, *p, *save;
	void *text;
	size_t len, i, n;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", b->core.pid);
	if (io_read_file(path, 65536, &text, &len, NULL))
		return;
	line = strstr(text, "0::/");
	if (!line || (line != text && line[-1] != '\n'))
		line = strstr(text, ":name=systemd:/");
	line = line ? strchr(line, '/') : NULL;
	if (!line)
		goto out;
	line[strcspn(line, "\n")] = '\0';
	/* Of the whole path, if it isn't the root's. */
	if (line[1])
		text_printable(line, strlen(line), b->unit, sizeof(b->unit));
	for (p = strtok_r(line, "/", &save); p; p = strtok_r(NULL, "/", &save)) {
		n = strlen(p);
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (n > strlen(kinds[i]) && !strcmp(p + n - strlen(kinds[i]), kinds[i]))
				text_printable(p, n, b->unit, sizeof(b->unit));
	}
out:
	free(text);
}

/* "[<0>] pipe_read+0x1a2/0x470" a line. */
static void read_stack(struct blocker *b)
{
	char path[64], *line, *save, *name;
	size_t len, used = 0, n;
	void *text;

	snprintf(path, sizeof(path), "/proc/%u/stack", b->core.pid);
	if (io_read_file(path, 65536, &text, &len, NULL))
		return;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		name = strchr(line, ']');
		name = name ? name + 1 + strspn(name + 1, " ") : line;
		n = strcspn(name, "+");
		if (used + n + 2 >= sizeof(b->stack))
			break;
		used += snprintf(b->stack + used, sizeof(b->stack) - used, "%s%.*s", used ? "\n" : "", (int)n, name);
	}
	free(text);
}

static void find_source(struct blocker *b, const json_t *functions)
{
	const char *name, *file;
	json_int_t line;
	json_t *f;
	size_t i;

	json_array_foreach(functions, i, f) {
		name = json_string_value(json_object_get(f, "name"));
		file = json_string_value(json_object_get(f, "file"));
		line = json_integer_value(json_object_get(f, "line"));
		if (name && file && line > 0 && !strcmp(name, b->core.function))
			snprintf(b->source, sizeof(b->source), "%.100s:%lld", file, (long long)line);
	}
}

void blocker_look(struct blocker *b, const json_t *functions)
{
	text_printable(b->core.comm, sizeof(b->core.comm), b->comm, sizeof(b->comm));
	b->kthread = is_kthread(b->core.pid);
	read_unit(b);
	read_stack(b);
	find_source(b, functions);
	if (b->core.state)
		read_wchan(b);
	blocker_describe(b);
}

/* The record that load left of the patch: it has the source lines. */
static json_t *functions_of(const char *patch)
{
	char path[256];
	json_t *record;

	snprintf(path, sizeof(path), RECORD_DIR "/%.63s.json", patch);
	record = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	if (!record)
		return NULL;
	json_t *functions = json_incref(json_object_get(record, "functions"));

	json_decref(record);
	return functions;
}

int blockers_get(struct core *c, const char *patch, uint64_t epoch, struct blocker **out, size_t *nr,
		 struct klp_err *err)
{
	json_t *functions;
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
	functions = functions_of(patch);
	for (i = 0; i < n; i++) {
		b[i].core = raw[i];
		blocker_look(&b[i], functions);
	}
	json_decref(functions);
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

static json_t *lines_json(const char *text)
{
	json_t *list = json_array();
	size_t n;

	for (; *text; text += n + !!text[n]) {
		n = strcspn(text, "\n");
		json_array_append_new(list, json_stringn(text, n));
	}
	return list;
}

json_t *blockers_json(const struct blocker *b, size_t nr)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_pack("{s:i s:i s:s s:s s:s s:o s:s s:s s:b s:s s:s s:s}",
			"pid", (int)b[i].core.pid, "tgid", (int)b[i].core.tgid, "comm", b[i].comm,
			"unit", b[i].unit, "source", b[i].source, "stack", lines_json(b[i].stack),
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
