/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_priv.h - what only report*.c and the commands see of a report.
 */
#ifndef KLP_REPORT_PRIV_H
#define KLP_REPORT_PRIV_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "monotonic.h"

struct klp_err;

struct report {
	bool quiet;		/* JSON goes to stdout: no text there */
	bool verbose;
	bool terminal;
	bool progress_shown;
	FILE *out;
	const char *stage;
	double started;		/* seconds, CLOCK_MONOTONIC, as all below */
	double stage_started;
	double stage_cpu;	/* CPU seconds of us and our children at its start */
	double progress_at;
	size_t part_before, part_total;	/* of report_progress_part() */
	uint64_t bytes_before;	/* of report_bytes_begin() */
	double bytes_started;
	json_t *json;		/* members that the commands add */
	json_t *stages, *files, *functions, *refusals, *warnings;
};

/* progress.c: a stage begins; take its line away. */
void progress_begin(struct report *r);
void progress_clear(struct report *r);
/* CPU seconds of this process and of its finished children. */
double cpu_now(void);

/* What became of each file of the fix, to @out. */
void report_print_files(struct report *r, FILE *out);
/* The changed functions as a table; @proven: with how each was. */
void report_print_functions(const struct report *r, bool proven);
/* What --tripwires counts, and what not. */
void report_print_tripwires(const struct report *r);
/* All refusals, each with its way out. */
void report_print_refusals(struct report *r);
double report_wall(const struct report *r);
/* Everything as JSON to @path ("-": stdout). @outcome: "built", "refused", ... */
int report_write_json(struct report *r, const char *path, const char *outcome,
		      const char *message, struct klp_err *err);

#endif
