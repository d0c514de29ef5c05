/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exits.h - the exit codes of all tools, one table; each --help prints it, klp-update(1) has it, too.
 *
 * A service that is told to count some of them as success (quietpatch-update.service) relies on it
 * that EXIT_NOTHING is never said while a fix that is offered isn't in force.
 */
#ifndef KLP_EXITS_H
#define KLP_EXITS_H

enum exit_code {
	EXIT_DONE = 0,		/* done, protected, built */
	EXIT_FAILED = 1,
	EXIT_NOTHING = 2,	/* nothing to do, shown */
	EXIT_NOT_FOUND = 3,	/* no such thing, nothing for this kernel, can't be a live patch */
	EXIT_TRUST = 4,		/* signature, bytes, freshness */
	EXIT_HELD = 5,		/* by policy */
	EXIT_PENDING = 6,	/* another run or a transition is under way; waits for something */
	EXIT_ROLLED_BACK = 7,	/* taken back */
	EXIT_REBOOT = 8,	/* needs a reboot */
	EXIT_USAGE = 64,
	EXIT_NETWORK = 101,
};

/* The table, for people. */
extern const char exits_help[];
/* The exit code that an error's negative errno stands for. */
int exit_of(int code);
/* @status, once all that was printed has arrived; else EXIT_FAILED, and the log says so: what was done stays done, but whoever asked wasn't told. */
int exit_printed(int status);

#endif
