/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * build_args.h - the command line of `klp-build build` and `check`, of a fix or
 * --from-package.
 */
#ifndef KLP_BUILD_ARGS_H
#define KLP_BUILD_ARGS_H

#include <stdbool.h>

#include "pipeline/build_run.h"

struct klp_err;

struct build_args {
	struct build_options o;
	const char *json;	/* where the report goes; NULL: nowhere */
	bool verbose;
	const char *version;	/* --from-package; NULL: there are fixes */
	struct strings only;	/* of it, these files */
	bool parts;		/* of it, also files of which only a part can go in */
	const char *series;	/* --series; NULL: no series */
	const char *targets;	/* --targets: "K1,K2" or "prepared"; NULL: one kernel */
	const char *records;	/* --cves: where the CVE records are; NULL: none */
};

/* 0, or the exit code plus one when there is nothing more to do.  @emit: build, not check. */
int build_args_parse(const char *command, int argc, char **argv, bool emit, struct build_args *a);
/* All that would else fail after minutes of compiling: key, output, names. */
int build_args_check(const struct build_args *a, struct klp_err *err);
void build_args_free(struct build_args *a);

/* cmd_package.c: the exit code. */
int cmd_package(struct build_args *a);
/* cmd_series.c: the exit code. */
int cmd_series(struct build_args *a);
/* cmd_targets.c: the exit code. */
int cmd_targets(struct build_args *a);

#endif
