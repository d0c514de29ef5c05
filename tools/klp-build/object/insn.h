/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn.h - how long an x86-64 instruction is, and where it branches to.
 *
 * Only what compiler output for a kernel holds: legacy encodings, VEX and EVEX.
 * Enough to walk a function from its start.  What isn't sure is not known: encodings
 * whose length differs between vendors or modes are refused.
 */
#ifndef KLP_INSN_H
#define KLP_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct insn {
	unsigned int len;
	unsigned int modrm;	/* offset of the ModRM byte, 0 = none */
	unsigned int disp;	/* offset of a RIP-relative displacement, 0 = none */
	unsigned int imm;	/* bytes of immediate operand at its end */
	bool branch;		/* direct call, jump or conditional jump */
	unsigned int rel;	/* of a branch: bytes of its displacement, which end it: 1 or 4 */
};

/* -EINVAL: not an instruction that is known, or cut off. */
int insn_decode(const uint8_t *p, size_t len, struct insn *insn);

/*
 * Walk from @from, where an instruction begins, to the one whose RIP-relative displacement
 * is the field at @off; *@behind: the bytes between that field and the instruction's end.
 * -EINVAL: on the way or there is what isn't known, or the field is something else.
 */
int insn_behind(const uint8_t *text, size_t len, size_t from, size_t off, unsigned int *behind);

/*
 * Does the instruction that has the 4 or 8 bytes at @off read, write or branch at the address that they are part of?
 * False if it takes the address itself (lea, an immediate), and if that isn't known.  @from: as above.
 */
bool insn_accesses(const uint8_t *text, size_t len, size_t from, size_t off);
/* The same, and the address isn't reckoned with a register but RIP: it lies within the object that is meant. */
bool insn_accesses_there(const uint8_t *text, size_t len, size_t from, size_t off);

#endif
