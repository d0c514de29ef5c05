// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * compile.c - each unit twice, by the kernel's own command for it, with the two flags that give each function and variable
 * a section of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/build.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile.h"
#include "fix/known.h"
#include "io.h"
#include "objcache.h"
#include "select/layout.h"
#include "select/select.h"
#include "types/types.h"

/* Units that are compiled before the equal ones are dropped: few at first, a changed struct shows at once. */
#define FIRST_BATCH	4
#define BATCH		32

/* *path receives the object's path. */
static int compile_plain(struct build *b, struct unit *u, char **path, struct klp_err *err)
{
	const struct known pristine = { .dir = b->objects };
	struct job j;
	int ret;

	job_init(&j, b, u, "plain", "");
	unlink(j.out);	/* may be the cache's, too */
	j.cached = objcache_get(&pristine, &j);
	ret = jobs_run(b, &j, 1, err);
	if (!ret)
		ret = jobs_finish(b, &j, 1, err);
	if (!ret && !j.cached)
		objcache_put(b, &pristine, &j);
	if (!ret) {
		free(*path);
		*path = xstrdup(j.out);
	}
	job_free(&j);
	return ret;
}

int unit_compile_plain(struct build *b, struct unit *u, struct klp_err *err)
{
	int ret = u->plain ? 0 : compile_plain(b, u, &u->plain_path, err);

	if (!ret && !u->plain)
		ret = unit_reopen(u->plain_path, &u->plain, err);
	return ret;
}

static int open_unit(struct unit *u, struct job *orig, struct job *patched, struct klp_err *err)
{
	int ret;

	u->orig_path = orig->out;
	u->patched_path = patched->out;
	orig->out = patched->out = NULL;
	ret = elf_open(u->orig_path, &u->orig, err);
	if (!ret)
		ret = elf_open(u->patched_path, &u->patched, err);
	return ret;
}

/* Same bytes, DWARF included: it can't have changed. */
static bool is_equal(const struct unit *u)
{
	return u->orig->len == u->patched->len &&
	       !memcmp(u->orig->data, u->patched->data, u->orig->len);
}

static int compile_batch(struct build *b, const struct known *known, struct unit *units, size_t nr, struct klp_err *err)
{
	struct job *jobs = xcalloc(2 * nr + 1, sizeof(*jobs));
	int ret = 0;

	for (size_t i = 0; i < nr && !ret; i++) {
		job_init(&jobs[2 * i], b, &units[i], "orig", SPLIT_FLAGS);
		if (!ret)
			job_init(&jobs[2 * i + 1], b, &units[i], "patched", SPLIT_FLAGS);
	}
	for (size_t i = 0; i < 2 * nr && !ret; i++)
		jobs[i].cached = !b->no_line_markers && objcache_get(known, &jobs[i]);
	if (!ret)
		ret = jobs_run(b, jobs, 2 * nr, err);
	if (!ret)
		ret = jobs_finish(b, jobs, 2 * nr, err);
	for (size_t i = 0; i < 2 * nr && !ret; i++)
		if (!jobs[i].cached && !b->no_line_markers)
			objcache_put(b, known, &jobs[i]);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = open_unit(&units[i], &jobs[2 * i], &jobs[2 * i + 1], err);
	for (size_t i = 0; i < 2 * nr; i++)
		job_free(&jobs[i]);
	free(jobs);
	return ret;
}

/* Drop the equal ones among @nr units that follow the first @kept; the new number of kept ones. */
static size_t drop_equal(struct build *b, size_t kept, size_t from, size_t nr)
{
	for (size_t i = from; i < from + nr; i++) {
		struct unit *u = &b->units[i], tmp;

		if (is_equal(u)) {
			unlink(u->orig_path);
			unlink(u->patched_path);
			unit_free(u);
			*u = (struct unit){ 0 };
			continue;
		}
		unit_rest(u);
		/* Units that come later may have moved down over dropped ones. */
		tmp = *u;
		*u = (struct unit){ 0 };
		b->units[kept++] = tmp;
	}
	return kept;
}

/* Refused already?  Types are compared between batches: a changed struct is often seen at once. */
static int refused(struct build *b, size_t kept, struct klp_err *err)
{
	size_t all = b->nr_units;
	int ret;

	b->nr_units = kept;
	ret = types_compare(b, false, err);
	b->nr_units = all;
	return ret ? ret : report_nr_refusals(b->report) != 0;
}

/* Free what a stop in mid-way has left of the units after the kept ones. */
static void forget_rest(struct build *b, size_t kept)
{
	for (size_t i = kept; i < b->nr_units; i++)
		unit_free(&b->units[i]);
	b->nr_units = kept;
}

/* The next units: all of the fix's own, then some; the last ones not before they are known to be needed. */
static size_t next_batch(const struct build *b, size_t done, size_t *limit)
{
	size_t nr = (done < b->nr_certain ? b->nr_certain : b->nr_units) - done;

	if (!done && b->nr_direct)
		return b->nr_direct;
	nr = nr < *limit ? nr : *limit;
	*limit = *limit < BATCH ? 2 * *limit : BATCH;
	return nr;
}

/* Behind the certain ones: are the others needed?  1: no, or they are too many. */
static int leave_rest(struct build *b, size_t done)
{
	if (done < b->nr_certain)
		return 0;
	if (layouts_kept(b->layouts)) {
		report_verbose(b->report, "%s %s keeps its layout: %zu units that only use it aren't compiled",
			       b->layouts->list[0].is_union ? "union" : "struct", b->layouts->list[0].tag,
			       b->nr_units - done);
		return 1;
	}
	if (b->layouts && layouts_settled(b->layouts))
		units_limit(b, b->nr_units);
	return report_nr_refusals(b->report) != 0;
}

static int make_objects(const struct build *b, struct klp_err *err)
{
	char *dir = format("%s/objects", b->workdir);
	int ret = io_mkdirs(dir, 0755, err);

	free(dir);
	return ret;
}

int units_try(struct build *b, struct klp_err *err)
{
	struct job *jobs = xcalloc(b->nr_units + 1, sizeof(*jobs));
	int ret = make_objects(b, err);

	for (size_t i = 0; i < b->nr_units; i++)
		job_init(&jobs[i], b, &b->units[i], "patched", "-fsyntax-only");
	if (!ret)
		ret = jobs_run(b, jobs, b->nr_units, err);
	if (!ret)
		ret = jobs_finish(b, jobs, b->nr_units, err);
	for (size_t i = 0; i < b->nr_units; i++)
		job_free(&jobs[i]);
	free(jobs);
	return ret;
}

int units_compile(struct build *b, struct klp_err *err)
{
	size_t kept = 0, done = 0, limit = FIRST_BATCH;
	struct known known;
	int ret = make_objects(b, err);

	known_open(b, &known);
	while (!ret && done < b->nr_units) {
		size_t nr;

		if (leave_rest(b, done))
			break;
		nr = next_batch(b, done, &limit);
		report_progress_part(b->report, 2 * done,
				     2 * (done < b->nr_certain ? b->nr_certain : b->nr_units));
		ret = compile_batch(b, &known, b->units + done, nr, err);
		if (!ret)
			ret = layouts_settle(b, b->units + done, nr, err);
		if (ret)
			break;
		kept = drop_equal(b, kept, done, nr);
		done += nr;
		if (done < b->nr_units)
			ret = refused(b, kept, err);
	}
	known_close(&known);
	if (!ret && b->layouts && !layouts_kept(b->layouts))
		ret = select_apart(b, err);
	if (ret < 0)
		return ret;
	forget_rest(b, kept);
	return 0;
}
