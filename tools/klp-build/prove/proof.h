/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.h - what the proof of a unit tells beyond places: see build.h for
 * units_prove(), proof_place() and proof_place_extern().
 */
#ifndef KLP_BUILD_PROOF_H
#define KLP_BUILD_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "base/build.h"

struct qp_mask;

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

/* vmlinux has a strong function of that name, so that a weak one is a dead copy. */
bool proof_vmlinux_overrides(const struct target *t, const char *name);
#define WEAK_WHY	"it is a weak function that another unit overrides: this copy never runs"
#define WEAK_WAY_OUT	"patch the strong definition instead; `grep` the architecture's folder for it"

void proof_free(struct proof *p);	/* NULL is fine */
void proof_rest(struct proof *p);	/* as unit_rest(); NULL is fine */

#endif
