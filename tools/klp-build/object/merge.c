// SPDX-License-Identifier: GPL-2.0-or-later
/* merge.c - see merge.h. */
#include "merge.h"

bool merge_has(const struct elf_section *sec, const struct elf_symbol *sym)
{
	return (sec->flags & SHF_MERGE) && sec->entsize && !(sym->type == STT_OBJECT && sym->size);
}

uint64_t merge_start(const struct elf_section *sec, const struct elf_symbol *sym, uint64_t at)
{
	uint64_t start = sym->type == STT_SECTION ? at : sym->value;

	return sec->flags & SHF_STRINGS || start >= sec->size ? start : start - start % sec->entsize;
}

size_t merge_len(const struct elf_section *sec, uint64_t start)
{
	uint64_t unit = sec->entsize ? sec->entsize : 1, n;

	if (start >= sec->size || !sec->data)
		return 0;
	n = sec->size - start;
	if (!(sec->flags & SHF_STRINGS))
		return unit - start % unit < n ? unit - start % unit : n;
	for (uint64_t i = 0; i + unit <= n; i += unit) {
		uint64_t j = 0;

		while (j < unit && !sec->data[start + i + j])
			j++;
		if (j == unit)
			return i + unit;
	}
	return 0;
}
