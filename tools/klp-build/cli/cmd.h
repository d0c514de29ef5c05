/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cmd.h - klp-build's subcommands: one file each, one table in main.c.
 */
#ifndef KLP_CMD_H
#define KLP_CMD_H

#include <jansson.h>
#include <stdbool.h>

#include "exits.h"

struct klp_err;
struct report;

/* What the one table's codes mean to a builder; docs/man/klp-build.1. */
enum {
	EXIT_BUILT = EXIT_DONE,
	EXIT_NO_CHANGE = EXIT_NOTHING,
	EXIT_REFUSED = EXIT_NOT_FOUND,
};

int cmd_prepare(int argc, char **argv);
int cmd_build(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_files(int argc, char **argv);
int cmd_inspect(int argc, char **argv);
int cmd_mitigate(int argc, char **argv);
int cmd_survey(int argc, char **argv);
int cmd_prove(int argc, char **argv);

/* Prints "klp-build: SENTENCE" and returns EXIT_FAILED. */
int cmd_fail(const struct klp_err *err);
/* Prints what was wrong and where the help is; returns EXIT_USAGE.  @fmt NULL: the option that getopt_long() doesn't know. */
int cmd_usage(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * One command writes one document where --json says, as docs/schema/ has it: its own, or, where it ends without one, what was wrong.
 * cmd_json_begin() looks for --json wherever it stands, so that a mistake before it is told in that form, too.
 * What was wrong takes the place of an earlier document, and of no other file.
 */
void cmd_json_begin(int argc, char **argv);
/* A command's document, to @path ("-": stdout). */
int cmd_json(const json_t *j, const char *path, struct klp_err *err);
/* A finished report: @kind names its schema, build-KIND.json; the rest as for report_write_json(). */
int cmd_report(struct report *r, const char *kind, const char *path, const char *outcome, const char *message, struct klp_err *err);
/* At the end, before stdout is flushed: @code, with which the command ends. */
int cmd_json_end(int code);
/* A positive number, as an option's argument; 0 if it isn't one. */
unsigned int cmd_number(const char *s);
unsigned int cmd_default_jobs(void);

/* What several commands have: options by these values, and what they leave behind. */
enum { CMD_HELP = 'h', CMD_JOBS = 'j', CMD_VERBOSE = 'v', CMD_JSON = 0x100, CMD_OWN };
struct cmd_common {
	const char *command, *help;
	const char *json;	/* file of --json, "-": stdout; NULL: none */
	unsigned int jobs;	/* of --jobs; 0: the default */
	bool verbose;
};
/* Take option @c of getopt_long(): 0, or 1 + the exit code that the command ends with. */
int cmd_common(struct cmd_common *o, int c);

#endif
