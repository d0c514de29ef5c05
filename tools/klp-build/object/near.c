// SPDX-License-Identifier: GPL-2.0-or-later
/* near.c - see near.h. */
#include <errno.h>
#include <string.h>

#include "insn.h"
#include "near.h"

bool near_shares(const struct elf_file *ef, const struct elf_section *sec, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (s->type == STT_FUNC && s->size && (s->value < start || s->value >= end))
			return true;
	}
	return false;
}

static bool has_reloc(const struct elf_section *sec, uint64_t off)
{
	size_t i = elf_reloc_first(sec, off);

	return i < sec->nr_relocs && sec->relocs[i].offset == off;
}

/* The distance in instruction @insn at @pos, if it has one. */
static bool distance(const struct elf_section *sec, uint64_t pos, const struct insn *insn, struct near *out)
{
	unsigned int field = insn->branch ? insn->len - insn->rel : insn->disp;
	int32_t rel;

	if (!field)
		return false;
	*out = (struct near){ .at = pos + field, .width = insn->branch ? insn->rel : 4, .branch = insn->branch };
	out->behind = insn->len - field - out->width;
	if (out->width == 4)
		memcpy(&rel, sec->data + out->at, 4);
	else
		rel = (int8_t)sec->data[out->at];
	out->target = pos + insn->len + (uint64_t)(int64_t)rel;
	return true;
}

int near_next(const struct elf_section *sec, uint64_t start, uint64_t end, uint64_t *pos, struct near *out)
{
	while (*pos < end) {
		uint64_t at = *pos;
		struct insn insn;

		if (insn_decode(sec->data + at, end - at, &insn))
			return -EINVAL;
		*pos += insn.len;
		if (distance(sec, at, &insn, out) && !has_reloc(sec, out->at) &&
		    (out->target < start || out->target >= end))
			return 0;
	}
	return -ENOENT;
}
