/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcrel.h - the place that a PC-relative field of an instruction means.
 *
 * The processor counts from the end of the instruction, the relocation from the field:
 * "movl $5, counter(%rip)" has counter - 8, since 4 bytes of immediate are behind it.
 */
#ifndef KLP_BUILD_PCREL_H
#define KLP_BUILD_PCREL_H

#include "elf.h"

/*
 * What to add to the addend of relocation @r of section @sec for the place that is meant:
 * in text 4 and the bytes behind a PC-relative field, else 0.  -EINVAL: the instruction
 * isn't known, and *@bias 4, as for one with nothing behind it.
 */
int pcrel_bias(const struct elf_file *ef, const struct elf_section *sec, const struct elf_reloc *r,
	       int64_t *bias);
/* Offset in its section that a relocation at a place in @sec means.  -EINVAL: by an instruction that isn't known. */
int reloc_target(const struct elf_file *ef, const struct elf_section *sec, const struct elf_reloc *r, uint64_t *at);

#endif
