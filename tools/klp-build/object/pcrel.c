// SPDX-License-Identifier: GPL-2.0-or-later
/* pcrel.c - see pcrel.h. */
#include <errno.h>

#include "insn.h"
#include "pcrel.h"

/* The last place before @off where an instruction is known to begin: behind a call or jump, or at a symbol. */
static uint64_t boundary(const struct elf_file *ef, const struct elf_section *sec, uint64_t off)
{
	const struct elf_symbol *sym = elf_symbol_at(ef, sec->index, off);
	uint64_t from = sym ? sym->value : 0;

	/* Code without a symbol: what ends before it, or the section's start. */
	for (size_t i = 0; !sym && i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (s->type != STT_SECTION && s->value + s->size <= off && s->value + s->size > from)
			from = s->value + s->size;
	}
	for (size_t i = elf_reloc_first(sec, off); i-- > 0 && sec->relocs[i].offset >= from;)
		if (elf_reloc_is_branch(sec, &sec->relocs[i]))
			return sec->relocs[i].offset + 4;
	return from;
}

int pcrel_bias(const struct elf_file *ef, const struct elf_section *sec, const struct elf_reloc *r,
	       int64_t *bias)
{
	unsigned int behind = 0;
	int ret;

	*bias = 0;
	if (!(sec->flags & SHF_EXECINSTR) || !sec->data || !elf_reloc_pcrel(r->type) ||
	    elf_reloc_width(r->type) != 4)
		return 0;
	*bias = 4;
	if (elf_reloc_is_branch(sec, r))
		return 0;
	ret = insn_behind(sec->data, sec->size, boundary(ef, sec, r->offset), r->offset, &behind);
	if (!ret)
		*bias += behind;
	return ret;
}

int reloc_target(const struct elf_file *ef, const struct elf_section *sec,
		 const struct elf_reloc *r, uint64_t *at)
{
	const struct elf_symbol *sym = &ef->symbols[r->sym];
	int64_t bias;
	int ret;

	*at = sym->value;
	if (sym->type == STT_FUNC || sym->type == STT_OBJECT)
		return 0;
	ret = pcrel_bias(ef, sec, r, &bias);
	*at += (uint64_t)r->addend + (uint64_t)bias;
	return ret;
}
