/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.h - each replaced function is the one in the shipped kernel, byte by byte; and
 * the places of what it refers to, which come out of that.
 */
#ifndef KLP_BUILD_PROOF_H
#define KLP_BUILD_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "target/image.h"

struct build;
struct elf_symbol;
struct klp_err;
struct proof;
struct unit;

struct qp_mask;

/* The pass: replaced functions against the shipped bytes; refuses what isn't proven. */
int units_prove(struct build *b, struct klp_err *err);
/* -ENOENT: not in the shipped object.  Works for functions and data, local and global. */
int proof_place(const struct unit *u, const struct elf_symbol *orig, struct kernel_place *out);
/*
 * For a symbol undefined in the unit's object, wherever the kernel defines it.
 * @object receives "vmlinux" or the module that owns it; borrowed from the target.
 */
int proof_place_extern(const struct build *b, const struct unit *u, const char *name,
		       const char **object, struct kernel_place *out);
/* Does the unit's own shipped object have a global symbol of that name?  True if it can't be told. */
bool proof_has_global(const struct unit *u, const char *name);

/*
 * What the core must find in memory where function @orig lies: SHA-256 over its
 * bytes with the ranges *masks (ascending, apart; malloc()ed) as zeros.  Masked
 * is whatever boot or module load may rewrite: ftrace sites, alternatives,
 * paravirt, lock prefixes, jump labels, static calls, retpolines, returns, and
 * fields that depend on where the kernel or the module was loaded.
 * -ENOENT: not proven.
 */
int proof_expectation(const struct unit *u, const struct elf_symbol *orig,
		      struct qp_mask **masks, size_t *nr, uint8_t digest[32]);

/*
 * Link-time address of the very bytes (a string, with its NUL) that vmlinux's
 * function @orig refers to.  -ENOENT: it refers to none that are equal, isn't
 * proven, or is a module's.
 */
int proof_constant(const struct unit *u, const struct elf_symbol *orig, const void *bytes,
		   size_t len, uint64_t *address);

/*
 * How @orig was proven: "bytes" (each function in a section of its own, each
 * relocation resolved), "bytes in layout" (the unit compiled as the kernel's own
 * build does it); NULL: not proven.
 */
const char *proof_how(const struct unit *u, const struct elf_symbol *orig);

/* Why not, for messages; "" if it is. */
void proof_why_not(const struct unit *u, const struct elf_symbol *orig, char *buf, size_t len);

/* One unit, without refusals: by its object, then again with the layout of the kernel's own build. */
int unit_prove(struct build *b, struct unit *u, struct klp_err *err);
int unit_prove_plain(struct build *b, struct unit *u, struct klp_err *err);
/* Is function @orig proven, or the place of data @orig known? */
bool proof_knows(const struct unit *u, const struct elf_symbol *orig);
/* Is @orig a weak function whose name the shipped object gives to a strong one? */
bool proof_is_overridden(const struct unit *u, const struct elf_symbol *orig);

void proof_free(struct proof *p);	/* NULL is fine */
/* unit_rest(), and the shipped object that the unit was proven against rests, too. */
void proven_rest(struct unit *u);

#endif
