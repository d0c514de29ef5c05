// SPDX-License-Identifier: GPL-2.0-or-later
/* pressure.c - see pressure.h; the format is in the kernel's Documentation/accounting/psi.rst. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "pressure.h"

static const struct {
	const char *name, *path, *line;
} sources[NR_PRESSURES] = {
	[PRESSURE_CPU] = { "cpu", "/proc/pressure/cpu", "some " },
	[PRESSURE_IO] = { "io", "/proc/pressure/io", "full " },
	[PRESSURE_MEMORY] = { "memory", "/proc/pressure/memory", "full " },
};

const char *pressure_name(int which)
{
	return sources[which].name;
}

/* "some avg10=0.00 avg60=1.25 avg300=0.40 total=123", a line a kind. */
static double minute_of(const char *text, const char *kind)
{
	const char *line = strstr(text, kind), *value = line ? strstr(line, "avg60=") : NULL;

	return value ? strtod(value + strlen("avg60="), NULL) : -1;
}

void pressure_read(const char *root, double out[NR_PRESSURES])
{
	char path[PATH_MAX];
	size_t len;
	void *text;

	for (int i = 0; i < NR_PRESSURES; i++) {
		out[i] = -1;
		snprintf(path, sizeof(path), "%s%s", root, sources[i].path);
		if (io_read_file(path, 4096, &text, &len, NULL))
			continue;
		out[i] = minute_of(text, sources[i].line);
		free(text);
	}
}
