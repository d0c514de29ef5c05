// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_elf.c - the ELF parser on anything.  What it takes must be consistent:
 * every index in range, so that the builder's stages needn't look again.
 */
#include <stdint.h>
#include <stdlib.h>

#include "elf.h"
#include "elf_seeds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_file *ef;

	if (elf_parse(data, size, &ef, NULL))
		return 0;
	for (size_t i = 0; i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];

		must(sec->index == i && sec->name);
		must(!sec->data || (sec->data >= data && sec->size <= size));
		for (size_t j = 0; j < sec->nr_syms; j++) {
			const struct elf_symbol *sym = &ef->symbols[sec->syms[j]];

			must(sym->shndx == i);
			(void)elf_symbol_at(ef, i, sym->value);
			(void)elf_symbol_at(ef, i, sym->value + sym->size);
		}
		for (size_t j = 0; j < sec->nr_relocs; j++) {
			int width = elf_reloc_width(sec->relocs[j].type);

			must(width >= 0 && sec->relocs[j].sym < ef->nr_symbols);
			must(sec->relocs[j].offset + width <= sec->size);
			must(!j || sec->relocs[j - 1].offset <= sec->relocs[j].offset);
		}
	}
	elf_close(ef);
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	seed_object("object", 0);
	return 0;
}
