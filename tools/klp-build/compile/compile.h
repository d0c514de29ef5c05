/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile.h - compile jobs: the parts of units_compile().
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

/* A section for each function and variable. */
#define SPLIT_FLAGS	"-ffunction-sections -fdata-sections"

struct job {
	const struct unit *unit;
	char *command;	/* for sh -c */
	char *out, *log;
	bool cached;	/* out is there: nothing to run */
	pid_t pid;	/* while it runs, else 0 */
	bool failed;
};

/* @variant is "orig", "patched" or "plain": which tree, and the object's name. */
int job_init(struct job *j, const struct build *b, const struct unit *u, const char *variant,
	     const char *extra, struct klp_err *err);
void job_free(struct job *j);
/* Run all, b->jobs at a time; job::failed tells which failed. */
int jobs_run(const struct build *b, struct job *jobs, size_t nr, struct klp_err *err);
/* Let kbuild make objects, with all that they need; what it says goes to @log, or nowhere. */
int make_objects(const struct build *b, const struct strings *objects, const char *log, struct klp_err *err);
int jobs_finish(struct build *b, struct job *jobs, size_t nr, struct klp_err *err);

void unit_free(struct unit *u);

#endif
