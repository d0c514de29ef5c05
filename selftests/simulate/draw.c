// SPDX-License-Identifier: GPL-2.0-or-later
/* draw.c - the picture of `make simulate`: adoption above, requests at a server without a CDN below. */
#include <errno.h>
#include <stdio.h>

#include "scenarios.h"

#define LEFT	70.0
#define WIDTH	560.0
#define HOURS	72
#define TOP	50.0
#define HIGH	200.0
#define BELOW	300.0
#define LOW	140.0

static const struct line {
	enum which run;
	const char *colour, *label;
} lines[] = {
	{ RUN_DEFAULT, "#1b7837", "default policy" },
	{ RUN_SERVER_DOWN, "#2166ac", "server down, hours 6 to 18" },
	{ RUN_POWER_BACK, "#b35806", "a quarter loses power for an hour" },
};
#define NR_LINES	(sizeof(lines) / sizeof(*lines))

static double x_of(double hours)
{
	return LEFT + WIDTH * hours / HOURS;
}

static void axis(FILE *f, double top, double high, const char *title)
{
	fprintf(f, "<text x=\"%.0f\" y=\"%.0f\">%s</text>\n", LEFT, top - 8, title);
	for (int h = 0; h <= HOURS; h += 12)
		fprintf(f, "<path class=\"axis\" d=\"M%.1f %.1fV%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%d h</text>\n",
			x_of(h), top, top + high, x_of(h), top + high + 15, h);
}

static void level(FILE *f, double y, const char *text)
{
	fprintf(f, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
		LEFT, y, LEFT + WIDTH, LEFT - 6, y + 4, text);
}

/* A point each ten minutes. */
static void adoption(FILE *f, const struct run_of *r, const char *colour)
{
	fprintf(f, "<path stroke=\"%s\" d=\"M", colour);
	for (int i = 0; i < HOURS * 60 && i < r->out.nr; i += 10)
		fprintf(f, "%s%.1f %.1f", i ? "L" : "", x_of(i / 60.0),
			TOP + HIGH * (1 - (double)r->out.minutes[i].applied / r->s.machines));
	fprintf(f, "\"/>\n");
}

static void requests(FILE *f, const struct run_of *r, const char *colour, double peak)
{
	fprintf(f, "<path stroke=\"%s\" d=\"M", colour);
	for (int i = 0; i < HOURS * 60 && i < r->out.nr; i += 5) {
		uint32_t most = 0;

		for (int k = i; k < i + 5 && k < r->out.nr; k++)
			if (r->out.minutes[k].requests > most)
				most = r->out.minutes[k].requests;
		fprintf(f, "%s%.1f %.1f", i ? "L" : "", x_of(i / 60.0), BELOW + LOW * (1 - most / 60.0 / peak));
	}
	fprintf(f, "\"/>\n");
}

int scenarios_draw(const char *path, const struct run_of *runs, uint32_t machines)
{
	FILE *f = fopen(path, "w");
	double peak = 0;
	char text[32];

	if (!f)
		return -errno;
	for (size_t i = 0; i < NR_LINES; i++) {
		struct server_load l;

		scenario_load(&runs[lines[i].run].out, false, &l);
		if (l.peak_requests > peak)
			peak = l.peak_requests;
	}
	fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"660\" height=\"520\" viewBox=\"0 0 660 520\">\n"
		"<style>text{font:12px sans-serif;fill:#222}path{stroke-width:1.5;fill:none}.axis{stroke:#ddd;stroke-width:1}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"12\" y=\"20\" style=\"font-size:15px\">%u machines, one repository (make simulate)</text>\n", machines);
	axis(f, TOP, HIGH, "machines that have the fix");
	for (int p = 0; p <= 100; p += 25) {
		snprintf(text, sizeof(text), "%d%%", p);
		level(f, TOP + HIGH * (1 - p / 100.0), text);
	}
	axis(f, BELOW, LOW, "requests a second at a web server without a CDN, busiest minute of five");
	for (int k = 0; k <= 2; k++) {
		snprintf(text, sizeof(text), "%.0f", peak * k / 2);
		level(f, BELOW + LOW * (1 - k / 2.0), text);
	}
	for (size_t i = NR_LINES; i-- > 0;) {
		adoption(f, &runs[lines[i].run], lines[i].colour);
		requests(f, &runs[lines[i].run], lines[i].colour, peak);
		fprintf(f, "<text x=\"%.0f\" y=\"%.0f\" style=\"fill:%s\">%s</text>\n", LEFT + (i ? 130.0 + 190.0 * (double)(i - 1) : 0), 484.0,
			lines[i].colour, lines[i].label);
	}
	fprintf(f, "</svg>\n");
	return fclose(f) ? -errno : 0;
}
