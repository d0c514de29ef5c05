/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof_priv.h - the proof's parts: image.c reads the shipped object,
 * proof_check.c compares one function at one place, proof_solve.c finds the
 * places of all sections of an object, proof_expect.c lists what boot rewrites,
 * proof.c is the pass.
 */
#ifndef KLP_BUILD_PROOF_PRIV_H
#define KLP_BUILD_PROOF_PRIV_H

#include "base/build.h"
#include "proof.h"
#include "target/image.h"

#define MAX_CANDIDATES 1024	/* equal names in one kernel: __already_done.0 has 470 */

/* Where one section of the compiled object ended up. */
struct section_place {
	uint64_t *candidates;	/* possible addresses of its first byte, by symbol names */
	size_t nr_candidates;
	bool settled;
	uint64_t base;
	bool checked;		/* text: its functions were compared at base */
};

enum function_state {
	FUNCTION_UNKNOWN,	/* no place, or several that look alike */
	FUNCTION_PROVEN,
	FUNCTION_DIFFERS,
};

/* Where a function first differs from the shipped bytes. */
struct mismatch {
	uint64_t off;
	char text[160];
};

/* One compiled object against the shipped one. */
struct solver {
	const struct image *img;
	const struct elf_file *ef;
	size_t nr_sections;	/* of ef, which may be closed first */
	struct section_place *sections;
	uint64_t *undef;	/* per symbol: where an undefined one was found to be */
	bool *undef_known;
	uint8_t *state;		/* per symbol: enum function_state */
	uint64_t *jump_sites;	/* jump-label sites as shndx << 40 | offset, sorted */
	size_t nr_jump_sites;
};

/* "Section shndx starts at base", or "symbol sym is at base": found while comparing. */
struct claim {
	uint32_t shndx, sym;	/* one of both is 0 */
	uint64_t base;
};

struct claims {
	struct claim *list;
	size_t nr;
};

struct proof {
	struct image img;
	struct solver orig;
	struct solver plain;	/* ef == NULL: not needed */
	char **owners;		/* names lent out by proof_place_extern() */
	size_t nr_owners;
};

void solver_init(struct solver *s, const struct image *img, const struct elf_file *ef);
void solver_run(struct solver *s);
void solver_free(struct solver *s);
/* Address of a symbol of the solver's object.  -ENOENT: not known. */
int solver_address(const struct solver *s, const struct elf_symbol *sym, uint64_t *addr);

/*
 * Compare function @sym, its section placed at @base.  0: equal, and what it
 * told is in @claims (may be NULL); -EBADMSG: it differs, see @why.
 */
int check_function(const struct solver *s, const struct elf_symbol *sym, uint64_t base,
		   struct claims *claims, struct mismatch *why);
/* Does claim @c contradict what is settled or what names allow? */
bool claim_fits(const struct solver *s, const struct claim *c);

/*
 * The solver that has proven function @orig, or settled the data @orig, and the
 * symbol by which it knows it; NULL: neither has.
 */
const struct solver *proof_solver(const struct unit *u, const struct elf_symbol *orig,
				  const struct elf_symbol **sym);

#endif
