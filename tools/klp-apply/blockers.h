/* SPDX-License-Identifier: GPL-2.0-or-later */
/* blockers.h - which tasks a transition waits for, why, and what one can do. */
#ifndef KLP_BLOCKERS_H
#define KLP_BLOCKERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quietpatch.h"

struct klp_err;
struct core;

struct blocker {
	struct qp_blocker core;		/* the core's own words */
	char comm[64];			/* its name, safe to print */
	bool kthread;
	char unit[128];			/* systemd's, else its cgroup; "": neither, or not to be seen */
	char source[128];		/* FILE:LINE of the function, or "" */
	char stack[1024];		/* its functions, the innermost first, a line each; "": not to be seen */
	char wchan[64];			/* kernel function it sleeps in, or "" */
	char reason[512];
	char remedy[400];
};

/*
 * Fill reason and remedy from the rest; a pure function.
 */
void blocker_describe(struct blocker *b);

/*
 * From b->core: what /proc tells of the task, and then the words.  @functions: the patch's, as in manifest_brief(),
 * for the source lines; or NULL.
 */
void blocker_look(struct blocker *b, const json_t *functions);

/* @patch: the module in transition.  *out is malloc()ed, or NULL with *nr 0. */
int blockers_get(struct core *c, const char *patch, uint64_t epoch, struct blocker **out, size_t *nr,
		 struct klp_err *err);

json_t *blockers_json(const struct blocker *b, size_t nr);

/* "1,204" */
const char *thousands(uint64_t n, char buf[32]);

#endif
