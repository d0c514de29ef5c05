/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * answers.h - what kbuild asks the compiler in each run, asked once a kernel.
 */
#ifndef KLP_ANSWERS_H
#define KLP_ANSWERS_H

struct klp_err;

struct answers {
	char *kept;		/* file with the answers of earlier runs; need not be there */
	char *fresh;		/* where a run leaves new ones */
	char *env[4];		/* for struct proc: what the run of make needs */
};

/*
 * Before a run of kbuild in folder @dir, for a kernel whose answers are in @kept.  Writes
 * a file into @dir.  answers_free() in any case.
 */
int answers_open(struct answers *a, const char *dir, const char *kept, struct klp_err *err);
/* The run has succeeded: keep what it asked.  That it can't is no error. */
void answers_keep(const struct answers *a);
/* It has failed: should it be for an answer (of another linker, say), the next run asks anew. */
void answers_drop(const struct answers *a);
void answers_free(struct answers *a);

#endif
