/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pragmas.h - which macros may expand to a _Pragma().
 *
 * It holds for what follows, so a declaration that has one matters to who doesn't
 * name it.  By text, whatever #if a definition stands in: a superset.
 */
#ifndef KLP_PRAGMAS_H
#define KLP_PRAGMAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pragmas {
	uint64_t *pairs;	/* hashes: a word of a macro's body in the upper half, the macro in the lower */
	size_t nr;
	uint32_t *leads;	/* hashes: "_Pragma", and the macros that lead to it */
	size_t nr_leads;
};

/* The macros that @text defines. */
void pragmas_read(struct pragmas *p, const char *text);
/* All is read. */
void pragmas_close(struct pragmas *p);
/* Is the word "_Pragma", or a macro that leads to it? */
bool pragmas_have(const struct pragmas *p, const char *word);
void pragmas_free(struct pragmas *p);

#endif
