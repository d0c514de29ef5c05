/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kick.h - which sleeping tasks may be made to leave the system call that they
 * sleep in: the core does it, the choice is made here.
 */
#ifndef KLP_KICK_H
#define KLP_KICK_H

#include <stddef.h>
#include <stdint.h>

struct klp_err;
struct blocker;
struct core;

enum kick {
	KICK_NEVER,
	KICK_SAFE,	/* only out of calls that start again unseen by their program */
	KICK_ALL,	/* out of any: some return EINTR */
};

/* What a disturbed system call does; depends on its file for the FD ones. */
enum kick_effect {
	EFFECT_SEEN,	/* returns EINTR, or isn't known not to */
	EFFECT_UNSEEN,	/* starts again, or goes on */
	EFFECT_FD,	/* unseen if its first argument is a file that kick_file_unseen() knows */
};

/* By the number that x86-64 has for it. */
enum kick_effect kick_effect(long nr);
/* By what /proc/PID/fd/N links to: pipes, terminals, event files; sockets only without a time limit. */
enum kick_effect kick_file_effect(const char *link);

/*
 * Kick those of @b that @how allows. Returns how many were, or -errno. A task
 * that has run since it was looked at is left alone.
 */
int kick_blockers(struct core *c, uint64_t epoch, enum kick how, const struct blocker *b,
		  size_t nr, struct klp_err *err);

#endif
