// SPDX-License-Identifier: GPL-2.0-or-later
/* timeline.c - see timeline.h. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../klp-monitor/recorder.h"
#include "printable.h"
#include "timeline.h"

#define WIDTH		760
#define LEFT		150		/* of the time axis */
#define RIGHT		(WIDTH - 20)
#define FIRST_MS	0.1		/* what comes before is drawn there */
#define BIN		4		/* pixels */
#define NR_BINS		((RIGHT - LEFT) / BIN + 1)
#define ROW		22
#define LAST_SHOWN	8		/* tasks with a line of their own */

static const struct { const char *name, *colour, *means; } ways[NR_BY] = {
	[BY_HANDLER] = { "handler", "#1b7837", "by themselves, on entering a patched function" },
	[BY_IPI] = { "ipi", "#2166ac", "looked at on their CPU" },
	[BY_WALK] = { "walk", "#762a83", "looked at while they slept" },
	[BY_FORK] = { "fork", "#d6604d", "children of tasks that had switched" },
	[BY_DEATH] = { "death", "#878787", "ended" },
	[BY_OFFLINE] = { "offline", "#b8860b", "idle tasks of CPUs that are off" },
	[BY_RELIEF] = { "relief", "#0097a7", "idle tasks, when their CPU did something else" },
};

/* What became of one task that was among the last. */
struct track {
	const struct recorder_event *switched;	/* NULL: never */
	const struct recorder_event *stall;	/* the last time that it was waited for, or NULL */
};

struct drawing {
	FILE *f;
	const struct timeline *t;
	double end_ms;
	struct track tracks[LAST_SHOWN];
	size_t nr_tracks;
};

/* Text that somebody else has chosen, for an SVG. */
static void put_text(FILE *f, const char *in, size_t len)
{
	char safe[1024], *p;

	text_printable(in, len, safe, sizeof(safe));
	for (p = safe; *p; p++) {
		switch (*p) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '"':
			fputs("&quot;", f);
			break;
		default:
			putc(*p, f);
		}
	}
}

static double ms_of(const struct drawing *d, uint64_t ns)
{
	return ns > d->t->start_ns ? (ns - d->t->start_ns) / 1e6 : 0;
}

static double x_of(const struct drawing *d, double ms)
{
	double part = log10(fmax(ms, FIRST_MS) / FIRST_MS) / log10(d->end_ms / FIRST_MS);

	return LEFT + (RIGHT - LEFT) * fmin(part, 1);
}

static void label(const struct drawing *d, double x, double y, const char *anchor, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* @fmt: text of our own, but for what is only letters and digits. */
static void label(const struct drawing *d, double x, double y, const char *anchor, const char *fmt, ...)
{
	va_list ap;

	fprintf(d->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	va_start(ap, fmt);
	vfprintf(d->f, fmt, ap);
	va_end(ap);
	fputs("</text>\n", d->f);
}

static void time_words(double ms, char *buf, size_t room)
{
	if (ms >= 1000)
		snprintf(buf, room, "%g s", ms / 1000);
	else
		snprintf(buf, room, "%g ms", ms);
}

static void draw_axis(const struct drawing *d, double top, double bottom)
{
	char words[32];
	double ms;

	for (ms = FIRST_MS; ms <= d->end_ms * 1.0001; ms *= 10) {
		fprintf(d->f, "<path class=\"axis\" d=\"M%.1f %.1fV%.1f\"/>\n", x_of(d, ms), top, bottom);
		time_words(ms, words, sizeof(words));
		label(d, x_of(d, ms), bottom + 14, "middle", "%s", words);
	}
}

/* A bar each few pixels, the taller the more tasks have switched there. */
static void draw_way(const struct drawing *d, unsigned int way, double y)
{
	unsigned int bins[NR_BINS] = { 0 }, most = 0, n = 0, i;
	const struct timeline *t = d->t;
	double tall;
	size_t k;

	for (k = 0; k < t->nr; k++) {
		if (t->events[k].kind != RECORDER_SWITCH || t->events[k].how != way)
			continue;
		i = (x_of(d, ms_of(d, t->events[k].ns)) - LEFT) / BIN;
		if (++bins[i] > most)
			most = bins[i];
		n++;
	}
	label(d, LEFT - 8, y + ROW - 7, "end", "%s %u", ways[way].name, n);
	fprintf(d->f, "<g fill=\"%s\"><title>%s</title>\n", ways[way].colour, ways[way].means);
	for (i = 0; i < NR_BINS; i++) {
		if (!bins[i])
			continue;
		tall = 3 + (ROW - 7) * log2(1 + bins[i]) / log2(1 + most);
		fprintf(d->f, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n", LEFT + (int)i * BIN,
			y + ROW - 4 - tall, BIN - 1, tall);
	}
	fputs("</g>\n", d->f);
}

static bool used(const struct timeline *t, unsigned int way)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->events[i].kind == RECORDER_SWITCH && t->events[i].how == way)
			return true;
	return false;
}

static void draw_track(const struct drawing *d, const struct track *tr, double y)
{
	const struct recorder_event *e = tr->switched ? tr->switched : tr->stall;
	double ms = tr->switched ? ms_of(d, e->ns) : d->end_ms, x = x_of(d, ms);
	bool left = x < (LEFT + RIGHT) / 2.0;
	const char *colour = tr->switched ? ways[e->how].colour : "#b2182b";

	fprintf(d->f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, y + ROW - 7);
	put_text(d->f, e->comm, sizeof(e->comm));
	fprintf(d->f, " (%u)</text>\n<path stroke=\"%s\" d=\"M%d %.1fH%.1f\"/>\n", e->pid, colour, LEFT, y + ROW - 11, x);
	if (tr->switched)
		fprintf(d->f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y + ROW - 11, colour);
	/* On its line, or behind it where that is too short. */
	fprintf(d->f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"on\">", left ? x + 8 : x - 8,
		y + ROW - 7, left ? "start" : "end");
	if (tr->stall && tr->stall->function[0]) {
		fputs("in ", d->f);
		put_text(d->f, tr->stall->function, sizeof(tr->stall->function));
		fputs(", ", d->f);
	}
	if (tr->switched)
		fprintf(d->f, "%s after %.1f ms</text>\n", ways[e->how].name, ms);
	else
		fputs("has not switched</text>\n", d->f);
}

/* Kicks, and the turning round. */
static void draw_marks(const struct drawing *d, double top, double bottom)
{
	const struct timeline *t = d->t;
	bool started = false;
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct recorder_event *e = &t->events[i];
		double x = x_of(d, ms_of(d, e->ns));
		bool turned = e->kind == RECORDER_START && started;

		started |= e->kind == RECORDER_START;
		if (e->kind != RECORDER_KICK && !turned)
			continue;
		fprintf(d->f, "<path class=\"mark\" d=\"M%.1f %.1fV%.1f\"/>\n", x, top, bottom);
		if (turned)
			label(d, x, top - 3, "middle", "turned round");
		else
			label(d, x, top - 3, "middle", "kick %u", e->pid);
	}
}

/* Latest first; who never switched is before all others. */
static int by_time(const void *a, const void *b)
{
	const struct track *x = a, *y = b;
	uint64_t p = x->switched ? x->switched->ns : UINT64_MAX, q = y->switched ? y->switched->ns : UINT64_MAX;

	return p < q ? 1 : p > q ? -1 : 0;
}

static struct track *track_of(struct track *list, size_t nr, uint32_t pid)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if ((list[i].switched ? list[i].switched : list[i].stall)->pid == pid)
			return &list[i];
	return NULL;
}

/*
 * The tasks that were waited for, then those that switched last.  A transition that is turned round has each task
 * switch twice: the last counts.
 */
static int find_last(struct drawing *d)
{
	const struct timeline *t = d->t;
	struct track *list = calloc(t->nr + 1, sizeof(*list)), *tr;
	size_t i, n = 0, waited;

	if (!list)
		return -ENOMEM;
	for (i = 0; i < t->nr; i++) {
		if (t->events[i].kind != RECORDER_STALL)
			continue;
		tr = track_of(list, n, t->events[i].pid);
		if (!tr)
			tr = &list[n++];
		tr->stall = &t->events[i];
	}
	waited = n;
	for (i = 0; i < t->nr; i++) {
		const struct recorder_event *e = &t->events[i];

		if (e->kind != RECORDER_SWITCH || e->how >= NR_BY || !e->pid)
			continue;
		tr = track_of(list, waited, e->pid);
		if (!tr)
			tr = &list[n++];
		tr->switched = e;
	}
	qsort(list, n, sizeof(*list), by_time);
	for (i = 0; i < n && d->nr_tracks < LAST_SHOWN; i++)
		d->tracks[d->nr_tracks++] = list[i];
	free(list);
	return 0;
}

static void draw(const struct drawing *d)
{
	unsigned int way, rows = 0;
	double y = 62, bottom;
	size_t i;

	for (way = 0; way < NR_BY; way++)
		rows += used(d->t, way);
	bottom = y + ROW * rows + 26 + ROW * d->nr_tracks;
	fprintf(d->f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" viewBox=\"0 0 %d %.0f\">\n"
		"<style>text{font:12px sans-serif;fill:#222}.on{font-size:11px;paint-order:stroke;stroke:#fff;stroke-width:4px}path{stroke-width:2;fill:none}"
		".axis{stroke:#ddd;stroke-width:1}.mark{stroke:#b2182b;stroke-width:1;stroke-dasharray:3 3}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<text x=\"12\" y=\"22\" style=\"font-size:15px\">",
		WIDTH, bottom + 26, WIDTH, bottom + 26);
	put_text(d->f, d->t->title, strlen(d->t->title));
	fputs("</text>\n", d->f);
	label(d, RIGHT, 22, "end", "time since the start, logarithmic");
	if (d->t->lost)
		label(d, RIGHT, 38, "end", "%llu events are missing", (unsigned long long)d->t->lost);
	draw_axis(d, y - 6, bottom);
	for (way = 0; way < NR_BY; way++) {
		if (!used(d->t, way))
			continue;
		draw_way(d, way, y);
		y += ROW;
	}
	if (d->nr_tracks)
		label(d, 12, y + 18, "start", "the last:");
	y += 26;
	for (i = 0; i < d->nr_tracks; i++, y += ROW)
		draw_track(d, &d->tracks[i], y);
	draw_marks(d, 56, bottom);
	fputs("</svg>\n", d->f);
}

int timeline_draw(const struct timeline *t, char **out, size_t *len)
{
	struct drawing d = { .t = t };
	char *text = NULL;
	size_t n = 0;
	int ret;

	d.end_ms = fmax(ms_of(&d, t->end_ns), 10 * FIRST_MS);
	ret = find_last(&d);
	if (ret)
		return ret;
	d.f = open_memstream(&text, &n);
	if (!d.f)
		return -ENOMEM;
	draw(&d);
	ret = ferror(d.f) ? -ENOMEM : 0;
	if (fclose(d.f))
		ret = -ENOMEM;
	if (ret) {
		free(text);
		return ret;
	}
	*out = text;
	*len = n;
	return 0;
}
