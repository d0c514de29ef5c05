/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cscan.h - the top-level declarations of a C file, without a compiler.
 *
 * Good enough to say in which function a line lies: which hunks a recipe takes (hunks.c), which lines get a counter
 * (tripwires.c).  What comes of that is compiled, compared and proven like any other fix.
 */
#ifndef KLP_CSCAN_H
#define KLP_CSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A declaration, a definition or a #define. */
struct c_declaration {
	size_t start, end;		/* bytes; end is exclusive */
	size_t body;			/* offset of a function's '{', 0 if it isn't one */
	uint32_t line, end_line;	/* 1-based, both inclusive */
	bool macro;
};

/* Pure function of (buf, len); *out is malloc()ed. */
void c_scan(const char *buf, size_t len, struct c_declaration **out, size_t *nr);

/*
 * Does the declaration define function @name?  SYSCALL_DEFINE3(name, ...) and
 * other macros that take it as their first argument count.
 */
bool c_defines(const char *buf, const struct c_declaration *p, const char *name);

/* Next identifier at or after *pos, comments and strings skipped; NULL at @end. */
const char *c_identifier(const char *buf, size_t end, size_t *pos, size_t *len);

/* Where the line that @pos is in ends, with all that are joined to it: its newline, or @len.  A // comment ends there. */
size_t c_line_end(const char *buf, size_t len, size_t pos);

#endif
