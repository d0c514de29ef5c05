/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session.h - everything that a command needs to change the kernel, held at once. */
#ifndef KLP_SESSION_H
#define KLP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "quietpatch.h"

struct apply;
struct core;
struct monitor;
struct recorder;
struct transition;

struct session {
	int lock;
	struct core *core;
	struct monitor *monitor;	/* NULL until session_observe(), or not wanted */
	struct recorder *recorder;	/* the same, for a timeline */
	struct qp_info info;		/* as it was when the session began */
};

/*
 * Rights, lock, core module.  0, or an exit status with the reason in a->err;
 * session_close() either way.
 */
int session_open(struct session *s, struct apply *a);
void session_close(struct session *s);

/* Is a transition under way that a klp-apply left behind? */
bool session_pending(const struct session *s);

/*
 * Open the monitor unless @flags (QP_START_*) do without, and what a timeline needs.  Before
 * anything is changed, so that a kernel that refuses BPF is left as it is.
 */
int session_observe(struct session *s, struct apply *a, uint32_t flags);

/* QP_START_* that the user's options ask for. */
uint32_t session_start_flags(const struct apply *a);

/*
 * Start to switch @module to @target and drive it to an end.  0, or an exit
 * status with a sentence in a->err.  @tr is for transition_free().
 */
int session_switch(struct session *s, struct apply *a, const char *module, uint32_t target,
		   struct transition *tr);

/* The same for the transition that is under way; turned round first with @reverse. */
int session_resume(struct session *s, struct apply *a, bool reverse, struct transition *tr);

/* For people: the end of a sentence, as "12 tasks switched in 3.1 ms, ..."; @what: "switched". */
void session_tell_switch(const struct apply *a, const char *what, const struct transition *tr);
/* For people: whom the transition has ended without. */
void session_tell_left(const struct apply *a, const struct transition *tr);

/* Unload a patch module that is out of use, with its record. */
int session_unload(struct apply *a, const char *module);

#endif
