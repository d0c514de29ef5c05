// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * progress.c - how far a stage is, for whoever waits longer than two seconds.
 *
 * On a terminal it is one line that changes; in a log, a line now and then.
 */
#include "report.h"
#include "report_data.h"

#define PATIENCE	2.0	/* seconds that a stage may take without a word */
#define REDRAW		0.2
#define NEW_LINE	5.0	/* in a log; ever more rarely in a stage of many minutes */
#define MIB		1048576.0

void progress_clear(struct report *r)
{
	if (r->progress_shown)
		fputs("\r\033[K", r->out);
	r->progress_shown = false;
}

void progress_begin(struct report *r)
{
	r->part_before = r->part_total = 0;
	if (r->quiet || !r->terminal)
		return;
	/* What takes a moment only is gone before anybody reads it. */
	fprintf(r->out, "\r\033[K  %-14s ...", r->stage);
	fflush(r->out);
	r->progress_shown = true;
}

void report_progress_part(struct report *r, size_t before, size_t total)
{
	r->part_before = before;
	r->part_total = total;
}

/* @spent seconds went into @done of what isn't done at the beginning; @rest of it is left. */
static void print_left(struct report *r, double spent, double done, double rest)
{
	double left = spent / done * rest;

	if (left < 100)
		fprintf(r->out, ", %.0f s left", left);
	else
		fprintf(r->out, ", %.0f min left", left / 60);
}

static bool is_due(const struct report *r, double t, double spent)
{
	double pause = r->terminal ? REDRAW : spent / 4 > NEW_LINE ? spent / 4 : NEW_LINE;

	return !r->quiet && spent >= PATIENCE && t - r->progress_at >= pause;
}

static void end_line(struct report *r, const char *what)
{
	fprintf(r->out, "  %.50s%s", what ? what : "", r->terminal ? "" : "\n");
	fflush(r->out);
	r->progress_shown = r->terminal;
}

void report_progress(struct report *r, size_t done, size_t total, const char *what)
{
	double t = monotonic_s(), spent = t - r->stage_started;

	if (!is_due(r, t, spent))
		return;
	r->progress_at = t;
	done += r->part_before;
	if (total < r->part_total)
		total = r->part_total;
	progress_clear(r);
	fprintf(r->out, "  %-14s %zu of %zu", r->stage, done, total);
	if (done && done < total)
		print_left(r, spent, (double)done, (double)(total - done));
	end_line(r, what);
}

void report_bytes_begin(struct report *r, uint64_t have)
{
	r->bytes_before = have;
	r->bytes_started = monotonic_s();
}

void report_bytes(struct report *r, uint64_t done, uint64_t total, const char *what)
{
	double t = monotonic_s(), spent = t - r->bytes_started;

	if (!is_due(r, t, spent))
		return;
	r->progress_at = t;
	progress_clear(r);
	fprintf(r->out, "  %-14s %.1f", r->stage ? r->stage : "", (double)done / MIB);
	if (total)
		fprintf(r->out, " of %.1f", (double)total / MIB);
	fputs(" MiB", r->out);
	/* What was there before says nothing of how fast it goes. */
	if (done > r->bytes_before && done < total)
		print_left(r, spent, (double)(done - r->bytes_before), (double)(total - done));
	end_line(r, what);
}
