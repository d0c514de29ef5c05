/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * value_use.h - what machine code does with the value that a call has returned.
 *
 * From the call on, every path is followed, and with it the registers that hold the value.  What isn't in the
 * list of instructions that are understood ends a path as USE_UNSEEN, so that "never checked" is only said of
 * code that was understood to its end.
 */
#ifndef KLP_VALUE_USE_H
#define KLP_VALUE_USE_H

#include <stddef.h>
#include <stdint.h>

enum {
	USE_TESTED = 1,		/* compared, or a branch depends on it */
	USE_RETURNED = 2,	/* in the register of its own return value */
	USE_TAKEN = 4,		/* stored, passed on, or used as an address, before any test */
	USE_UNSEEN = 8,		/* a path ends in what isn't understood */
};

/* A function's code, wherever it lies. */
struct code_view {
	/* The bytes from @place on, *len up to the function's end; NULL: not in the function. */
	const uint8_t *(*bytes)(void *arg, uint64_t place, size_t *len);
	/* Where the branch leads whose 1 or 4 bytes of displacement are at @place; CODE_RETURN, CODE_ELSEWHERE. */
	uint64_t (*target)(void *arg, uint64_t place, unsigned int width);
	void *arg;
};

#define CODE_ELSEWHERE	0ull	/* another function */
#define CODE_RETURN	1ull	/* a return thunk */

/* USE_* of the value in RAX at @place; 0: it is never looked at. */
unsigned int value_use(const struct code_view *code, uint64_t place);

/* "checked", "never checked"... */
const char *value_use_word(unsigned int use);

#endif
