/* SPDX-License-Identifier: GPL-2.0-or-later */
/* timeline.h - a transition as a picture: who switched when and by which way, and who was waited for. */
#ifndef KLP_TIMELINE_H
#define KLP_TIMELINE_H

#include <stddef.h>
#include <stdint.h>

struct recorder_event;

struct timeline {
	const char *title;		/* any text */
	const struct recorder_event *events;
	size_t nr;
	uint64_t lost;			/* events that found no room */
	uint64_t start_ns, end_ns;	/* of the transition, CLOCK_MONOTONIC */
};

/*
 * An SVG without scripts or anything from elsewhere; malloc()ed, with its length.  A pure function.  -ENOMEM.
 * Time is logarithmic, from 0.1 ms on, so that both the first milliseconds and the last seconds can be read.
 */
int timeline_draw(const struct timeline *t, char **out, size_t *len);

#endif
