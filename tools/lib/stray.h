/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stray.h - options that a command doesn't take.
 *
 * All commands of a tool share one table for getopt_long().  An option that only some of them know would be passed over by the
 * others without a word: "disable --until 7d" would disable for ever, and "revert --verify-only" revert.
 */
#ifndef KLP_STRAY_H
#define KLP_STRAY_H

#include <stdbool.h>
#include <stddef.h>

struct option_use {
	bool given;
	const char *name;	/* "--until" */
	const char *commands;	/* that take it, with blanks between: "hold unhold" */
};

/* The name of the first of @nr options that was given and that @command doesn't take; NULL: there is none. */
const char *option_stray(const struct option_use *list, size_t nr, const char *command);

#endif
