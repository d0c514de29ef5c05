// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd.c - what the subcommands share; see cmd.h. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/report_data.h"
#include "cmd.h"
#include "err.h"
#include "jsonstr.h"

/* Of this run of the tool. */
static struct {
	char **argv;
	int argc;
	const char *path;	/* of --json; NULL: there is none */
	bool told;		/* the command's own document was written, or can't be */
	struct klp_err last;	/* what was wrong, the last that was said */
} run;

int cmd_fail(const struct klp_err *err)
{
	fflush(stdout);
	fprintf(stderr, "klp-build: %s\n", err->text);
	run.last = *err;
	return EXIT_FAILED;
}

void cmd_json_begin(int argc, char **argv)
{
	run.argv = argv;
	run.argc = argc;
	for (int i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--json=", 7))
			run.path = argv[i] + 7;
		else if (!strcmp(argv[i], "--json") && i + 1 < argc)
			run.path = argv[i + 1];
}

int cmd_json(const json_t *j, const char *path, struct klp_err *err)
{
	run.told = true;
	return report_put_json(j, path, err);
}

int cmd_report(struct report *r, const char *kind, const char *path, const char *outcome, const char *message, struct klp_err *err)
{
	run.told = true;
	json_object_set_new(r->json, "kind", json_string(kind));
	return report_write_json(r, path, outcome, message, err);
}

/* Who forgets the FILE of --json, which other tools haven't, names a fix or a bundle there, or an option: that isn't written over. */
static bool may_replace(const char *path)
{
	struct stat st;
	json_t *j;
	bool ours;

	if (*path == '-')
		return !path[1];
	if (stat(path, &st) || !S_ISREG(st.st_mode) || !st.st_size)
		return true;
	j = json_load_file(path, 0, NULL);
	ours = json_object_get(j, "kind") || json_object_get(j, "error");
	json_decref(j);
	return ours;
}

int cmd_json_end(int code)
{
	struct klp_err err;
	json_t *j;

	if (!code || !run.path || run.told || !may_replace(run.path))
		return code;
	j = json_pack("{s:o, s:i}", "error", json_text(run.last.text), "exit", code);
	/* It has failed already; that this can't be told there is one thing more. */
	if (cmd_json(j, run.path, &err))
		fprintf(stderr, "klp-build: %s\n", err.text);
	json_decref(j);
	return code;
}

int cmd_usage(const char *command, const char *fmt, ...)
{
	char text[KLP_ERR_LEN];
	va_list ap;

	if (fmt) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
	} else {
		const char letter[] = { '-', (char)optopt, '\0' };

		/* getopt_long() tells of a letter; else it is the word before, and the commands' words begin one further on in ours. */
		snprintf(text, sizeof(text), "\"%s\" isn't an option of `klp-build %s`, or its value is missing",
			 optopt > 0 && optopt < CMD_JSON ? letter : optind < run.argc ? run.argv[optind] : "", command);
	}
	klp_err_set(&run.last, -EINVAL, "%s", text);
	fprintf(stderr, "klp-build: %s\n", run.last.text);
	if (*command)
		fprintf(stderr, "`klp-build %s --help` tells more\n", command);
	return EXIT_USAGE;
}

unsigned int cmd_number(const char *s)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(s, &end, 10);
	return errno || *end || end == s || v > 4096 ? 0 : (unsigned int)v;
}

unsigned int cmd_default_jobs(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned int)n : 1;
}

int cmd_common(struct cmd_common *o, int c)
{
	switch (c) {
	case CMD_HELP:
		fputs(o->help, stdout);
		return 1;
	case CMD_VERBOSE:
		o->verbose = true;
		return 0;
	case CMD_JSON:
		o->json = optarg;
		return 0;
	case CMD_JOBS:
		o->jobs = cmd_number(optarg);
		return o->jobs ? 0 : 1 + cmd_usage(o->command, "\"%s\" isn't a number of jobs", optarg);
	default:
		return 1 + cmd_usage(o->command, NULL);
	}
}
