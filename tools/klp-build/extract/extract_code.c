// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_code.c - a function as a fragment: which bytes it is, and what the
 * assembler did to them without leaving a relocation.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "extract_priv.h"
#include "object/insn.h"

static int refuse_section(struct xunit *xu, const struct elf_symbol *func, const char *section)
{
	if (starts_with(section, ".init") || starts_with(section, ".exit") || starts_with(section, ".meminit")) {
		xunit_refuse(xu, REFUSE_INIT, func->name,
			     "it needs a reboot; what it set up can be changed by a callback",
			     "it is in %s: it has run, and its memory is gone", section);
		return REFUSED;
	}
	if (starts_with(section, ".noinstr") || starts_with(section, ".entry") || starts_with(section, ".head")) {
		xunit_refuse(xu, REFUSE_NOINSTR, func->name,
			     "patch a function that it calls or that calls it",
			     "it is in %s, where nothing may be traced or replaced", section);
		return REFUSED;
	}
	return 0;
}

static bool has_reloc(const struct elf_section *sec, uint64_t offset)
{
	for (size_t i = 0; i < sec->nr_relocs; i++)
		if (sec->relocs[i].offset == offset)
			return true;
	return false;
}

static int add_extra(struct xunit *xu, struct fragment *p, const struct elf_symbol *to, uint64_t place)
{
	static const uint8_t zeros[4];
	struct elf_reloc *more = reallocarray(p->extra, p->nr_extra + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	p->extra = more;
	p->extra[p->nr_extra++] = (struct elf_reloc){
		.offset = place, .addend = -4, .type = R_X86_64_PLT32, .sym = to->index,
	};
	/* The module loader insists that a place holds zeros. */
	fragment_poke(xu, p, place, zeros, sizeof(zeros));
	return 0;
}

/*
 * __sched functions share one section, in which the assembler resolves calls
 * between local functions: give them relocations.
 */
static int free_branches(struct xunit *xu, const struct elf_symbol *func, struct fragment *p)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];
	struct insn insn;
	int ret;

	for (uint64_t at = p->start; at < p->end; at += insn.len) {
		const struct elf_symbol *to;
		uint64_t place, target;
		int32_t rel;

		if (insn_decode(sec->data + at, p->end - at, &insn))
			goto refuse;
		place = at + insn.len - insn.rel;
		if (!insn.branch || has_reloc(sec, place))
			continue;
		if (insn.rel == 4)
			memcpy(&rel, sec->data + place, 4);
		else
			rel = (int8_t)sec->data[place];
		target = at + insn.len + (uint64_t)(int64_t)rel;
		if (target >= p->start && target < p->end)
			continue;
		to = elf_symbol_at(xu->ef, sec->index, target);
		if (insn.rel != 4 || !to || to->type != STT_FUNC || to->value != target)
			goto refuse;
		ret = add_extra(xu, p, to, place);
		if (ret)
			return ret;
	}
	return 0;
refuse:
	xunit_refuse(xu, REFUSE_OTHER, func->name,
		     "patch its callers instead",
		     "it shares section %s with functions that it jumps into in a way that can't be taken apart",
		     sec->name);
	return REFUSED;
}

/* No function outside of @func shares its section; aliases and padding may. */
static bool alone(const struct xunit *xu, const struct elf_section *sec,
		  const struct elf_symbol *func)
{
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]];

		if (s->type == STT_FUNC && s->size &&
		    (s->value < func->value || s->value >= func->value + func->size))
			return false;
	}
	return true;
}

static int code_add(struct xunit *xu, const struct elf_symbol *func)
{
	const struct elf_section *sec = &xu->ef->sections[func->shndx];
	struct fragment *p;
	int ret = refuse_section(xu, func, sec->name);

	if (ret)
		return ret;
	if (alone(xu, sec, func))
		return fragment_add(xu, func->shndx, 0, sec->size, func) ? 0 : -ENOMEM;
	p = fragment_add(xu, func->shndx, func->value, func->value + func->size, func);
	return p ? free_branches(xu, func, p) : -ENOMEM;
}

/* NAME.cold or NAME.cold.3 */
static bool is_cold_part(const char *name, const char *parent)
{
	size_t n = strlen(parent);

	return !strncmp(name, parent, n) && !strncmp(name + n, ".cold", 5) &&
	       (!name[n + 5] || name[n + 5] == '.');
}

int fragment_add_function(struct xunit *xu, const struct elf_symbol *func)
{
	int ret = 0;

	if (fragment_at(xu, func->shndx, func->value))
		return 0;
	ret = code_add(xu, func);
	for (size_t i = 1; i < xu->ef->nr_symbols && !ret; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[i];

		if (s->type == STT_FUNC && s->shndx && s->shndx < xu->ef->nr_sections &&
		    (is_cold_part(s->name, func->name) || is_cold_part(func->name, s->name)) &&
		    !fragment_at(xu, s->shndx, s->value))
			ret = code_add(xu, s);
	}
	return ret;
}
