/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pressure.h - how much of the time tasks wait for processor, memory or disk: the kernel's PSI. */
#ifndef KLP_UPDATE_PRESSURE_H
#define KLP_UPDATE_PRESSURE_H

enum { PRESSURE_CPU, PRESSURE_IO, PRESSURE_MEMORY, NR_PRESSURES };

/* For messages: "cpu". */
const char *pressure_name(int which);

/*
 * Percent of the last minute in which something waited for a processor ("some"), or all did for memory or
 * disk ("full"); -1: the kernel doesn't tell.
 */
void pressure_read(const char *root, double out[NR_PRESSURES]);

#endif
