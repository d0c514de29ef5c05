/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kick.h - which sleeping tasks may be made to leave the system call that they
 * sleep in: the core does it, the choice is made here.
 */
#ifndef KLP_KICK_H
#define KLP_KICK_H

#include <stdbool.h>
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
	EFFECT_FD,	/* unseen if its first argument is a file of that kind: kick_file_effect() */
};

#define KICK_ARGS 6

/* By the number that x86-64 has for the call, and its arguments. */
enum kick_effect kick_effect(long nr, const unsigned long long args[KICK_ARGS]);
/* By what /proc/PID/fd/N links to: pipes and event files; EFFECT_FD where kick_fd_unseen() has to tell. */
enum kick_effect kick_file_effect(const char *link);
/*
 * A socket or a terminal: does a read of it start again unseen?  Not with a time limit (the call couldn't tell how much
 * is left), nor where more than one byte is waited for (it returns what has come).
 */
bool kick_fd_unseen(int fd);

/*
 * Kick those of @b that @how allows. Returns how many were, or -errno. A task
 * that has run since it was looked at is left alone.
 */
int kick_blockers(struct core *c, uint64_t epoch, enum kick how, const struct blocker *b,
		  size_t nr, struct klp_err *err);

#endif
