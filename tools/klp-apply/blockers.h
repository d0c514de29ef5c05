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
	bool kthread;
	char wchan[64];			/* kernel function it sleeps in, or "" */
	char reason[256];
	char remedy[320];
};

/*
 * Fill reason and remedy from the rest; a pure function.
 */
void blocker_describe(struct blocker *b);

/* From b->core: whether it is a kernel thread, where it waits, and then the words. */
void blocker_look(struct blocker *b);

/* *out is malloc()ed, or NULL with *nr 0. */
int blockers_get(struct core *c, uint64_t epoch, struct blocker **out, size_t *nr,
		 struct klp_err *err);

json_t *blockers_json(const struct blocker *b, size_t nr);

/* "1,204" */
const char *thousands(uint64_t n, char buf[32]);

#endif
