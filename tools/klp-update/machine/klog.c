// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * klog.c - see klog.h.
 *
 * A report begins with one of the kernel's own phrases and goes on for some lines, in which frames are
 * "NAME+0xOFFSET/0xSIZE", of a module with its name in brackets:
 *
 *	WARNING: CPU: 1 PID: 412 at fs/pipe.c:301 pipe_read+0x51/0x3a0 [qp_pipe_read]
 *	RIP: 0010:pipe_read+0x51/0x3a0 [qp_pipe_read]
 *	 vfs_read+0x1f4/0x320
 *
 * A taint flag tells that there was a fault, once; this tells each one, and whose it is.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "klog.h"

#define RECORD_MAX	16384
#define LOG_MAX		(64u << 20)
#define REPORT_LINES	150
#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."

static const char *const begins[] = {
	"BUG: ", "WARNING: ", "kernel BUG at ", "Oops: ", "general protection fault", "int3: ",
	"divide error: ", "invalid opcode: ", "stack segment: ", "double fault: ", "unchecked MSR access error: ",
	"watchdog: BUG: ", "rcu: INFO: ", "INFO: rcu_", "INFO: task ", "UBSAN: ", "refcount_t: ",
	"Kernel panic ", "traps: PANIC: ",
};

static bool begins_report(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		size_t n = strlen(begins[i]);

		if (len >= n && !memcmp(text, begins[i], n))
			return true;
	}
	return false;
}

static bool is_name(const char *frame, size_t len, const char *name)
{
	size_t n = strlen(name);

	/* The compiler's copies of it: name.cold, name.constprop.0. */
	return n && len >= n && !memcmp(frame, name, n) && (len == n || frame[n] == '.');
}

static bool is_ours(const char *frame, size_t len, const char *module, size_t module_len,
		    const char *wanted_module, const json_t *functions)
{
	const json_t *f;
	size_t i;

	if (module_len == strlen(wanted_module) && module_len && !memcmp(module, wanted_module, module_len))
		return true;
	json_array_foreach(functions, i, f) {
		const char *name = json_string_value(json_object_get(f, "name"));

		if (name && is_name(frame, len, name))
			return true;
	}
	return false;
}

static size_t span(const char *text, const char *end, const char *chars)
{
	size_t n = 0;

	while (text + n < end && text[n] && strchr(chars, text[n]))
		n++;
	return n;
}

/* The frame in this line that is ours, if there is one. */
static bool has_our_frame(const char *line, size_t len, const char *module, const json_t *functions,
			  const char **frame, size_t *frame_len)
{
	const char *end = line + len, *at = line;

	while ((at = memmem(at, (size_t)(end - at), "+0x", 3))) {
		const char *from = at, *m = at + 3, *mod = "";
		size_t mod_len = 0;

		while (from > line && from[-1] && strchr(NAME_CHARS, from[-1]))
			from--;
		m += span(m, end, "0123456789abcdefx/");
		if (end - m > 2 && m[0] == ' ' && m[1] == '[') {
			mod = m + 2;
			mod_len = span(mod, end, NAME_CHARS);
		}
		/* "? name": left over on the stack, which says nothing about this call. */
		if (from < at && !(from - line >= 2 && from[-1] == ' ' && from[-2] == '?') &&
		    is_ours(from, (size_t)(at - from), mod, mod_len, module, functions)) {
			*frame = from;
			*frame_len = (size_t)(at - from);
			return true;
		}
		at += 3;
	}
	return false;
}

/* The text of a record of the kernel itself (facility 0), not of one that a program wrote to /dev/kmsg. */
static const char *record_text(const char *line, const char *end, uint64_t *seq)
{
	const char *semicolon = memchr(line, ';', (size_t)(end - line)), *comma;
	char head[64];

	if (!semicolon || !isdigit((unsigned char)*line) || (size_t)(semicolon - line) >= sizeof(head))
		return NULL;
	memcpy(head, line, (size_t)(semicolon - line));
	head[semicolon - line] = '\0';
	comma = strchr(head, ',');
	if (!comma || strtoul(head, NULL, 10) >> 3)
		return NULL;
	*seq = strtoull(comma + 1, NULL, 10);
	return semicolon + 1;
}

/* The next line from *@at on, without its end; false: none is left. */
static bool next_line(const char **at, const char *end, const char **line, size_t *n)
{
	const char *stop;

	if (*at >= end)
		return false;
	stop = memchr(*at, '\n', (size_t)(end - *at));
	if (!stop)
		stop = end;
	*line = *at;
	*n = (size_t)(stop - *at);
	*at = stop + 1;
	return true;
}

/* The text of the next record of the kernel itself. */
static bool next_record(const char **at, const char *end, uint64_t *seq, const char **text, size_t *n)
{
	const char *line;
	size_t len;

	while (next_line(at, end, &line, &len)) {
		*text = record_text(line, line + len, seq);
		if (*text) {
			*n = (size_t)(line + len - *text);
			return true;
		}
	}
	return false;
}

bool klog_blames(const char *text, size_t len, uint64_t from, const char *module,
		 const json_t *functions, char *out, size_t size)
{
	const char *end = text + len, *report = NULL, *frame, *t;
	size_t report_len = 0, frame_len, n;
	unsigned int lines = 0;
	uint64_t seq;

	while (next_record(&text, end, &seq, &t, &n)) {
		if (seq < from)
			continue;
		/* An oops says several of these; its first line names it. */
		if (begins_report(t, n)) {
			if (!report) {
				report = t;
				report_len = n;
			}
			lines = 0;
		}
		if (report && has_our_frame(t, n, module, functions, &frame, &frame_len)) {
			snprintf(out, size, "the kernel reported \"%.*s\", in %.*s",
				 (int)(report_len < 160 ? report_len : 160), report, (int)frame_len, frame);
			return true;
		}
		if (++lines > REPORT_LINES || (n > 14 && !memcmp(t, "---[ end trace", 14)))
			report = NULL;
	}
	return false;
}

bool klog_reports(const char *text, size_t len, uint64_t from, char *out, size_t size)
{
	const char *end = text + len, *t;
	uint64_t seq;
	size_t n;

	while (next_record(&text, end, &seq, &t, &n))
		if (seq >= from && begins_report(t, n)) {
			snprintf(out, size, "%.*s", (int)(n < 160 ? n : 160), t);
			return true;
		}
	return false;
}

bool klog_last_words(const char *text, size_t len, const char *module, const json_t *functions, char *out,
		     size_t size)
{
	const char *end = text + len, *line, *frame;
	size_t n, frame_len;

	while (next_line(&text, end, &line, &n))
		if (has_our_frame(line, n, module, functions, &frame, &frame_len)) {
			snprintf(out, size, "%.*s", (int)frame_len, frame);
			return true;
		}
	return false;
}

static int append(struct klog *log, size_t *room, const char *record, size_t n)
{
	if (log->len + n + 1 > *room) {
		size_t more = *room ? 2 * *room : 1u << 18;
		char *bigger = more > LOG_MAX ? NULL : realloc(log->text, more);

		if (!bigger)
			return -ENOMEM;
		log->text = bigger;
		*room = more;
	}
	memcpy(log->text + log->len, record, n);
	log->len += n;
	return 0;
}

static void find_ends(struct klog *log)
{
	const char *at = log->text, *end = at + log->len, *t;
	uint64_t seq;
	size_t n;

	while (next_record(&at, end, &seq, &t, &n)) {
		if (!log->next)
			log->first = seq;
		log->next = seq + 1;
	}
}

int klog_read(const char *root, struct klog *out, struct klp_err *err)
{
	char path[PATH_MAX], record[RECORD_MAX];
	struct klog log = { 0 };
	size_t room = 0;
	int fd, ret = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/dev/kmsg", root);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return klp_err_sys(err, -errno, "cannot read the kernel's log (%s)", path);
	while (!ret) {
		n = read(fd, record, sizeof(record));
		if (n > 0)
			ret = append(&log, &room, record, (size_t)n);
		else if (!n || errno == EAGAIN)
			break;
		/* EPIPE: records were overwritten before they were read; it goes on with the oldest. */
		else if (errno != EPIPE && errno != EINTR)
			ret = -errno;
	}
	close(fd);
	if (ret) {
		klog_free(&log);
		return klp_err_sys(err, ret, "cannot read the kernel's log (%s)", path);
	}
	find_ends(&log);
	*out = log;
	return 0;
}

void klog_free(struct klog *log)
{
	free(log->text);
	memset(log, 0, sizeof(*log));
}
