/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_priv.h - what elf.c builds for elf_lookup.c behind struct elf_file. */
#ifndef KLP_ELF_PRIV_H
#define KLP_ELF_PRIV_H

#include "elf.h"
#include "pool.h"

struct elf_priv {
	struct pool pool;		/* all arrays */
	uint16_t type;			/* ET_* */
	uint32_t symtab, shndx;		/* section indexes, 0 = none */
	uint32_t *syms;			/* pool behind elf_section.syms */
	/* Beside syms: highest end of this and all earlier symbols of the section. */
	uint64_t *ends;
};

/* One past the last byte that @sym covers, in the units of its value. */
static inline uint64_t elf_symbol_end(const struct elf_symbol *sym)
{
	uint64_t size = sym->size ? sym->size : 1;

	return size > UINT64_MAX - sym->value ? UINT64_MAX : sym->value + size;
}

#endif
