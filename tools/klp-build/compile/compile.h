/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile.h - units by the kernel's own compile commands: the pass, and the jobs it is made of.
 */
#ifndef KLP_COMPILE_H
#define KLP_COMPILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct build;
struct klp_err;
struct strings;
struct unit;

/* The pass: each unit twice; those with equal objects drop out. */
int units_compile(struct build *b, struct klp_err *err);
/* Are they compiled at all, as patched?  The report gets those that aren't. */
int units_try(struct build *b, struct klp_err *err);
/* The original once more as the kernel's own build compiles it: u->plain. */
int unit_compile_plain(struct build *b, struct unit *u, struct klp_err *err);

/* A section for each function and variable. */
#define SPLIT_FLAGS	"-ffunction-sections -fdata-sections"

/* ---- job.c, compile_again.c ---- */

struct job {
	const struct unit *unit;
	char *command;	/* for sh -c */
	char *out, *log;
	bool cached;	/* out is there: nothing to run */
	pid_t pid;	/* while it runs, else 0 */
	bool failed;
};

/* @variant is "orig", "patched" or "plain": which tree, and the object's name. */
void job_init(struct job *j, const struct build *b, const struct unit *u, const char *variant,
	      const char *extra);
void job_free(struct job *j);
/* Run all, b->jobs at a time; job::failed tells which failed. */
int jobs_run(const struct build *b, struct job *jobs, size_t nr, struct klp_err *err);
int jobs_finish(struct build *b, struct job *jobs, size_t nr, struct klp_err *err);

#endif
