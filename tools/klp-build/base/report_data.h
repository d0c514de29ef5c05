/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report_data.h - a report's data, for who prints it or adds members to it.
 */
#ifndef KLP_REPORT_DATA_H
#define KLP_REPORT_DATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "jsonstr.h"
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

/* Of a report, or of what a command says of one commit, file or kernel. */
static inline bool outcome_is(const json_t *j, const char *outcome)
{
	return !strcmp(str(j, "outcome"), outcome);
}

/* progress.c: a stage begins; take its line away. */
void progress_begin(struct report *r);
void progress_clear(struct report *r);
/* CPU seconds of this process and of its finished children. */
double cpu_now(void);

double report_wall(const struct report *r);
/* A document to @path; "-": the standard output. */
int report_put_json(const json_t *j, const char *path, struct klp_err *err);
/* Everything as JSON to @path ("-": stdout). @outcome: "built", "refused", ... */
int report_write_json(struct report *r, const char *path, const char *outcome,
		      const char *message, struct klp_err *err);

#endif
