/* SPDX-License-Identifier: GPL-2.0-or-later */
/* package_message.h - the compiler's errors, with the places in an update's files that they name. */
#ifndef KLP_PACKAGE_MESSAGE_H
#define KLP_PACKAGE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

struct pkg;

/* One error, as gcc prints it: "FILE:LINE:COL: error: TEXT", and the line of code below it. */
struct gcc_error {
	size_t file;		/* of the package; nr_files: none of it */
	unsigned long line;
	const char *text, *end;
	const char *code, *code_end;	/* equal: not there */
	size_t declared_file;	/* where its note says that something is declared; nr_files: none */
	unsigned long declared_line;
};

/* The next error in *s, which moves behind its first line. */
bool gcc_error_next(const struct pkg *p, const char **s, struct gcc_error *e);

#endif
