/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stragglers.h - tasks that a transition has ended without: who they are, and what is done about them. */
#ifndef KLP_STRAGGLERS_H
#define KLP_STRAGGLERS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "blockers.h"

struct apply;
struct core;

/* What to do about tasks that haven't switched when the time is up. */
enum stragglers {
	STRAGGLERS_REVERSE,	/* put everything back */
	STRAGGLERS_WAIT,	/* for as long as it takes */
	STRAGGLERS_LEAVE,	/* end without them */
	STRAGGLERS_KILL,	/* the same, and kill those of ordinary users */
	STRAGGLERS_ABORT,	/* the same, and abort what the killed wait for */
};

struct straggler {
	struct qp_straggler core;
	struct blocker task;	/* the same, with what /proc tells */
};

/* Those of @module.  *out is malloc()ed, or NULL with *nr 0: there are none, or the core is an older one. */
void stragglers_get(struct core *c, const char *module, struct straggler **out, size_t *nr);

json_t *stragglers_json(const struct straggler *s, size_t nr);
/* A line each, indented, for people. */
void stragglers_print(const struct apply *a, const struct straggler *s, size_t nr);

/* SIGKILL to those of users other than root that are still stragglers: how many processes. */
size_t stragglers_kill(struct core *c, const struct straggler *s, size_t nr);
/* The FUSE filesystems of users whose killed tasks are still there after two seconds: how many were aborted. */
size_t stragglers_abort(struct core *c, const struct straggler *s, size_t nr);

#endif
