// SPDX-License-Identifier: GPL-2.0-or-later
/* elf_lookup.c - questions to a parsed ELF file; see elf.h. */
#include <errno.h>
#include <string.h>

#include "elf.h"
#include "elf_priv.h"
#include "search.h"

bool elf_is_object(const struct elf_file *ef)
{
	const struct elf_priv *priv = ef->priv;

	return priv->type == ET_REL;
}

const struct elf_section *elf_section(const struct elf_file *ef, const char *name)
{
	for (size_t i = 1; i < ef->nr_sections; i++)
		if (!strcmp(ef->sections[i].name, name))
			return &ef->sections[i];
	return NULL;
}

const struct elf_symbol *elf_symbol(const struct elf_file *ef, const char *name, int type)
{
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &ef->symbols[i];

		if (sym->shndx && (type == STT_NOTYPE || sym->type == type) &&
		    !strcmp(sym->name, name))
			return sym;
	}
	return NULL;
}

/*
 * Innermost symbol of a wanted kind that covers @pos, first of equal ones.
 * Typed symbols go before bare labels, which also sit inside functions.
 */
static const struct elf_symbol *symbol_covering(const struct elf_file *ef,
						const struct elf_section *sec,
						uint64_t pos, size_t n, bool typed)
{
	const struct elf_priv *priv = ef->priv;
	const uint64_t *ends = priv->ends + (sec->syms - priv->syms);
	const struct elf_symbol *found = NULL;

	for (size_t i = n; i-- > 0 && (found || ends[i] > pos);) {
		const struct elf_symbol *sym = &ef->symbols[sec->syms[i]];

		if (found && (sym->value != found->value || sym->size != found->size))
			break;
		if (typed == (sym->type == STT_NOTYPE) || !*sym->name || elf_symbol_end(sym) <= pos)
			continue;
		found = sym;
	}
	return found;
}

const struct elf_symbol *elf_symbol_at(const struct elf_file *ef, uint32_t shndx, uint64_t offset)
{
	const struct elf_priv *priv = ef->priv;
	const struct elf_section *sec;
	const struct elf_symbol *sym;
	size_t lo;

	if (!shndx || shndx >= ef->nr_sections)
		return NULL;
	sec = &ef->sections[shndx];
	if (offset >= sec->size)
		return NULL;
	if (priv->type != ET_REL)
		offset += sec->addr;
	lo = lower_bound(sec->nr_syms, i, ef->symbols[sec->syms[i]].value <= offset);
	sym = symbol_covering(ef, sec, offset, lo, true);
	return sym ? sym : symbol_covering(ef, sec, offset, lo, false);
}

bool elf_reloc_is_branch(const struct elf_section *sec, const struct elf_reloc *r)
{
	const uint8_t *p;

	if (!(sec->flags & SHF_EXECINSTR) || !elf_reloc_pcrel(r->type) || !sec->data)
		return false;
	p = sec->data + r->offset;
	/* A RIP-relative operand is preceded by a ModRM byte xx000101, never by one of these. */
	if (r->offset >= 1 && (p[-1] == 0xe8 || p[-1] == 0xe9))
		return true;
	return r->offset >= 2 && p[-2] == 0x0f && (p[-1] & 0xf0) == 0x80;
}

size_t elf_reloc_first(const struct elf_section *sec, uint64_t off)
{
	return lower_bound(sec->nr_relocs, i, sec->relocs[i].offset < off);
}
