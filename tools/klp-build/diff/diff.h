/* SPDX-License-Identifier: GPL-2.0-or-later */
/* diff.h - what a fix changes: the passes that compare the objects before and after it. */
#ifndef KLP_DIFF_H
#define KLP_DIFF_H

#include <stdbool.h>

struct build;
struct diff_symbol;
struct elf_file;
struct elf_symbol;
struct klp_err;
struct report;
struct unit;

/* The pass: fills the units' symbols. */
int units_diff(struct build *b, struct klp_err *err);
/* The original's match of a symbol of the patched object, or NULL if it is new. */
const struct elf_symbol *diff_match(const struct unit *u, const struct elf_symbol *patched);
/* The same across units: @where receives the one that the original is of. */
const struct elf_symbol *diff_origin(const struct unit *u, const struct elf_symbol *patched,
				     const struct unit **where);
/* What a symbol of the original becomes, and the unit that has it; NULL if it is gone. */
const struct elf_symbol *diff_successor(const struct unit *u, const struct diff_symbol *d,
					const struct unit **where);

/* diff_moves.c: what goes in one unit of the fix and comes in another */
int units_moves(struct build *b, struct klp_err *err);
/* diff_globals.c: names for all that another unit has, or takes over */
int units_globals(struct build *b, struct klp_err *err);
/* diff_annotations.c: exports, and tables of functions that are read at start */
void units_annotations(struct build *b);

/*
 * The differ alone: fills u->symbols from u->orig and u->patched.  @r may be
 * NULL: then nothing is refused.
 */
int unit_diff(struct unit *u, struct report *r, struct klp_err *err);

/* Functions that a change can be told of: typed, sized, loaded. */
bool diff_is_function(const struct elf_file *ef, const struct elf_symbol *sym);
/* The one symbol that stands for all aliases at its place. */
bool diff_is_primary(const struct elf_file *ef, const struct elf_symbol *sym);

/* How a weak function that another unit overrides is refused. */
#define WEAK_WHY	"it is a weak function that another unit overrides: this copy never runs"
#define WEAK_REMEDY	"patch the strong definition instead; `grep` the architecture's folder for it"

#endif
