// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * threads.c - word ahead of a transition that can't end.
 *
 * kjournald2() loops until its file system is gone; its frame is on its
 * thread's stack all that time, and no task may switch over while it stands in
 * a function that is replaced.  The loader would name it only after its timeout.
 *
 * The source tells: such a function is handed to kthread_run() or the like, by
 * name, in its own unit or in one beside it.  A fix gets a warning; of an update
 * such a change stays out.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/text.h"
#include "build_run.h"
#include "fix/cscan.h"
#include "io.h"
#include "target/target.h"
#include "threads.h"

#define FILE_LIMIT	(8u << 20)

/* All take the function as their first argument.  A work item's function returns each time. */
static const char *starter(const char *id, size_t len)
{
	static const char *const names[] = {
		"kthread_run", "kthread_run_on_cpu", "kthread_create", "kthread_create_on_node",
		"kthread_create_on_cpu", "__kthread_create_on_node", "kernel_thread",
		"user_mode_thread", "create_io_thread",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && !memcmp(id, names[i], len))
			return names[i];
	return NULL;
}

/* @at, past blanks and one of @skip. */
static size_t past(const char *text, size_t len, size_t at, char skip)
{
	bool seen = false;

	while (at < len && (strchr(" \t\n", text[at]) || (!seen && text[at] == skip)))
		seen |= text[at++] == skip;
	return at;
}

static uint32_t line_at(const char *text, const char *at)
{
	uint32_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

const char *threads_starter(const char *text, size_t len, const char *name, uint32_t *line)
{
	size_t pos = 0, n, after;
	const char *id, *arg, *by;

	while ((id = c_identifier(text, len, &pos, &n))) {
		by = starter(id, n);
		after = past(text, len, pos, '(');
		if (!by || after == len || !memchr(text + pos, '(', after - pos))
			continue;
		after = past(text, len, after, '&');
		arg = c_identifier(text, len, &pos, &n);
		if (!arg || arg != text + after || n != strlen(name) || memcmp(arg, name, n))
			continue;
		after = past(text, len, pos, '\0');
		if (after < len && text[after] == ',') {
			*line = line_at(text, id);
			return by;
		}
	}
	return NULL;
}

/* The source file @path of the tree, if it is one and can be read. */
static char *read_source(const struct build *b, const char *path, size_t *len)
{
	char *full = ends_with(path, ".c") ? format("%s/src/%s", b->target->dir, path) : NULL;
	void *text = NULL;

	if (full && io_read_file(full, FILE_LIMIT, &text, len, NULL))
		text = NULL;
	free(full);
	return text;
}

struct look {
	const struct build *b;
	const struct unit *u;
};

/* True if @path starts a thread with @d. */
static bool tell_if_started(const struct look *l, const struct diff_symbol *d, const char *path,
			    const char *text, size_t len)
{
	const char *name = d->orig->name, *by;
	uint32_t line;

	/* Most files don't have it at all, which is soon said. */
	by = memmem(text, len, name, strlen(name)) ? threads_starter(text, len, name, &line) : NULL;
	if (!by)
		return false;
	if (l->b->of_update) {
		report_refuse(l->b->report, REFUSE_OTHER, name, l->u->source, 0,
			      "put the fix into a function that it calls, or make a patch of it alone, to be applied before the thread is started",
			      "it is the main function of a kernel thread (%s() at %s:%u): while such a thread runs, the patch can't be applied, nor what else is in it",
			      by, path, line);
		return true;
	}
	report_warn(l->b->report,
		    "%s is the main function of a kernel thread (%s() at %s:%u): while such a thread runs, the patch can't be applied; put the fix into a function that it calls, or apply the patch before the thread is started (see klp-build(1), WARNINGS)",
		    name, by, path, line);
	return true;
}

/* In the unit's folder: one that others can see may be started in a file beside. */
static void look_beside(const struct look *l, const struct diff_symbol *d)
{
	const char *source = l->u->source, *slash = strrchr(source, '/');
	int n = slash ? (int)(slash - source) : 0;
	char *dir = format("%s/src/%.*s", l->b->target->dir, n, source);
	DIR *folder = opendir(dir);
	struct dirent *de;
	bool found = false;

	while (folder && !found && (de = readdir(folder))) {
		char *path = format("%.*s/%s", n, source, de->d_name);
		size_t len;
		char *text = read_source(l->b, path, &len);

		found = text && tell_if_started(l, d, path, text, len);
		free(text);
		free(path);
	}
	if (folder)
		closedir(folder);
	free(dir);
}

static void check_unit(const struct look *l, const char *text, size_t len)
{
	for (size_t i = 0; i < l->u->nr_symbols; i++) {
		const struct diff_symbol *d = &l->u->symbols[i];

		if (!build_replaces(d))
			continue;
		if (!tell_if_started(l, d, l->u->source, text, len) && d->orig->bind != STB_LOCAL)
			look_beside(l, d);
	}
}

void threads_check(const struct build *b)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		struct look l = { b, &b->units[i] };
		size_t len;
		/* What runs was started by the original. */
		char *text = read_source(b, l.u->source, &len);

		if (text)
			check_unit(&l, text, len);
		free(text);
	}
}
