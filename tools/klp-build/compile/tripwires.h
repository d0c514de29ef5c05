/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tripwires.h - an `if` that a fix adds, and that refuses, counts who gets there (--tripwires auto).
 *
 * The patched side of a unit is compiled a second time, with a call in each such branch. That object takes the place of
 * the fix's own only where it is shown to be the same but for these calls (tripwires_same()); each
 * branch that isn't counted is told, with the reason.
 */
#ifndef KLP_TRIPWIRES_H
#define KLP_TRIPWIRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct build;
struct elf_file;
struct klp_err;

struct tripwire {
	char *function;
	uint32_t line;		/* of the patched file */
	char *why;		/* why it isn't counted; NULL: it can be */
	size_t at, end;		/* bytes: where the branch begins; end of an unbraced one, else 0 */
};

struct tripwires {
	struct tripwire *list;
	size_t nr;
};

/*
 * The refusing branches that @text (of a .c file, or a header) has and @orig hasn't: `if (...) return -E...;`, or
 * a `goto` to an error exit. Pure; tripwires_free() after it.
 */
void tripwires_find(const char *file, const char *orig, const char *text, struct tripwires *out);
void tripwires_free(struct tripwires *t);

/* @text with the calls of those that are chosen and can be counted, on the lines that there are. */
char *tripwires_insert(const char *text, const struct tripwires *t, const bool *chosen);

/*
 * Is @counted what @own is but for calls of the counter?  Functions without one: to the byte; those with one: by what
 * they refer to.  @why receives the first thing that differs.
 */
bool tripwires_same(const struct elf_file *own, const struct elf_file *counted, char *why, size_t size);

/* The pass: behind units_compile().  What comes of each is in the report. */
int units_tripwires(struct build *b, struct klp_err *err);

#endif
