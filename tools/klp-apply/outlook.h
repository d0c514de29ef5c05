/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * outlook.h - how the switch to a patch would go now, seen by looking on without loading it.
 *
 * The eBPF monitor does what it does in a transition, with what the core would do in an IPI left to
 * a tick on each CPU.  What it can't foresee: tasks that the core's handler switches as they call
 * a patched function, so that a busy machine switches sooner than this says.
 */
#ifndef KLP_OUTLOOK_H
#define KLP_OUTLOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "blockers.h"
#include "budget.h"

struct apply;
struct manifest;

struct outlook_blocker {
	struct blocker b;
	double for_s;			/* it was seen in one and the same sleep for so long, or longer */
	__u64 switches;
	double since;
};

struct outlook_hot {
	char function[QP_NAME_LEN];
	__u64 times;			/* of `ticks` */
};

struct outlook {
	struct budget_use use;		/* what looking has cost */
	double watched_s;
	double switch_s;		/* after which everybody would have switched; < 0: somebody wouldn't */
	size_t tasks;
	__u64 ticks;
	struct outlook_blocker *blockers;	/* who stands in affected code at the end */
	size_t nr_blockers;
	size_t nr_others;		/* neither there nor shown to be outside: they ran at each look */
	struct outlook_hot *hot;	/* most often first */
	size_t nr_hot;
};

/*
 * Look on for @for_s seconds; with @enough, no longer than until everybody would have switched.
 * 0, or a negative error with its reason, which is none to doubt the patch.
 */
int outlook_get(const struct manifest *m, double for_s, bool enough, struct outlook *out, struct klp_err *err);
void outlook_free(struct outlook *o);

void outlook_print(const struct apply *a, const struct outlook *o);
json_t *outlook_json(const struct outlook *o);

#endif
