// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_code.c - a function as a fragment: which bytes it is, and what the
 * assembler did to them without leaving a relocation.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "extract_priv.h"
#include "object/near.h"

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

static void add_extra(struct xunit *xu, struct fragment *p, const struct elf_symbol *to, const struct near *n)
{
	static const uint8_t zeros[4];

	p->extra = xgrow(p->extra, p->nr_extra, sizeof(*p->extra));
	p->extra[p->nr_extra++] = (struct elf_reloc){
		.offset = n->at, .addend = -4 - (int64_t)n->behind, .sym = to->index,
		.type = n->branch ? R_X86_64_PLT32 : R_X86_64_PC32,
	};
	/* The module loader insists that a place holds zeros. */
	fragment_poke(xu, p, n->at, zeros, sizeof(zeros));
}

/* What the function refers to in the section that it shares gets relocations, as if it were elsewhere. */
static int free_near(struct xunit *xu, const struct elf_symbol *func, struct fragment *p)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];
	uint64_t pos = p->start;
	struct near n;
	int ret;

	while (!(ret = near_next(sec, p->start, p->end, &pos, &n))) {
		const struct elf_symbol *to = elf_symbol_at(xu->ef, sec->index, n.target);

		if (n.width != 4 || !to || to->type != STT_FUNC || to->value != n.target)
			break;
		add_extra(xu, p, to, &n);
		if (ret)
			return ret;
	}
	if (ret == -ENOENT)
		return 0;
	xunit_refuse(xu, REFUSE_OTHER, func->name,
		     "patch its callers instead",
		     "it shares section %s with functions that it refers to in a way that can't be taken apart",
		     sec->name);
	return REFUSED;
}

static int code_add(struct xunit *xu, const struct elf_symbol *func)
{
	const struct elf_section *sec = &xu->ef->sections[func->shndx];
	struct fragment *p;
	int ret = refuse_section(xu, func, sec->name);

	if (ret)
		return ret;
	if (!near_shares(xu->ef, sec, func->value, func->value + func->size)) {
		fragment_add(xu, func->shndx, 0, sec->size, func);
		return 0;
	}
	p = fragment_add(xu, func->shndx, func->value, func->value + func->size, func);
	return free_near(xu, func, p);
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
