// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd.c - what the subcommands share; see cmd.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd.h"
#include "err.h"

int cmd_fail(const struct klp_err *err)
{
	fflush(stdout);
	fprintf(stderr, "klp-build: %s\n", err->text);
	return EXIT_FAILED;
}

int cmd_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	/* getopt has printed its own message when there is none of ours. */
	if (fmt) {
		fputs("klp-build: ", stderr);
		va_start(ap, fmt);
		vfprintf(stderr, fmt, ap);
		va_end(ap);
		fputc('\n', stderr);
	}
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
