/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * near.h - what a function refers to in its own section without a relocation.
 *
 * Functions that share a section (.sched.text) call each other, and take each other's
 * addresses, by distances that the assembler has filled in: only the instructions tell.
 */
#ifndef KLP_BUILD_NEAR_H
#define KLP_BUILD_NEAR_H

#include "elf.h"

/* One such field of an instruction. */
struct near {
	uint64_t at;		/* where it lies in the section */
	unsigned int width;	/* bytes: 4, or 1 of a short jump */
	unsigned int behind;	/* bytes of the instruction behind it */
	uint64_t target;	/* offset in the section that it means */
	bool branch;		/* of a call or jump; else the operand of another instruction */
};

/* Does another function lie in section @sec than the one at @start to @end? */
bool near_shares(const struct elf_file *ef, const struct elf_section *sec, uint64_t start, uint64_t end);
/*
 * The next field of function @start to @end that leads out of it; *pos: @start at first, where an instruction
 * begins.  -ENOENT: there is none left; -EINVAL: an instruction isn't known.
 */
int near_next(const struct elf_section *sec, uint64_t start, uint64_t end, uint64_t *pos, struct near *out);

#endif
