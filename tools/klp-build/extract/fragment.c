// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fragment.c - runs of bytes that go into the patch: copied, named, and found again.  And how a unit of the patch files
 * what is wrong with them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "extract_priv.h"
#include "object/debuginfo.h"
#include "quietpatch.h"

struct fragment *fragment_at(const struct xunit *xu, uint32_t shndx, uint64_t offset)
{
	for (struct fragment *p = xu->by_section[shndx]; p; p = p->next)
		if (offset >= p->start && offset < p->end)
			return p;
	return NULL;
}

void fragment_poke(struct xunit *xu, const struct fragment *p, uint64_t offset, const void *data,
		   size_t len)
{
	elf_out_poke(xu->out, p->out_sec, p->out_off + offset - p->start, data, len);
}

const char *fragment_name(const struct xunit *xu, const struct fragment *p)
{
	if (p->code)
		return fragment_name(xu, p->code);
	return p->sym ? p->sym->name : xu->ef->sections[p->shndx].name;
}

/*
 * Where a fragment goes.  Names that the module loader, objtool or module.lds treat
 * specially stay; all else is merged by kind of memory, so that the text of the
 * patch is one range.
 */
static uint32_t output_section(struct xunit *xu, const struct elf_section *sec)
{
	static const char *const kept[] = {
		".altinstr_replacement", ".altinstr_aux", ".static_call.text", "__dyndbg",
		".data..ro_after_init", ".rodata..c_jump_table", QP_SEC_CALLBACKS,
		QP_SEC_STATES, NULL
	};
	const char *name = NULL;
	uint64_t flags = sec->flags & (SHF_WRITE | SHF_ALLOC | SHF_EXECINSTR);
	uint32_t type = sec->type == SHT_NOBITS ? SHT_NOBITS : SHT_PROGBITS;

	for (const char *const *k = kept; *k; k++)
		if (!strcmp(sec->name, *k))
			name = sec->name;
	if (xu->is_table[sec->index])
		name = sec->name;
	if (name)
		return elf_out_section(xu->out, name, type, flags, 1, 0);
	if (flags & SHF_EXECINSTR)
		name = starts_with(sec->name, ".text.unlikely") ? ".text.unlikely" : ".text";
	else if (sec->flags & SHF_MERGE)
		name = sec->flags & SHF_STRINGS ? ".rodata.str" : ".rodata.cst";
	else if (flags & SHF_WRITE)
		name = type == SHT_NOBITS ? ".bss" : ".data";
	else
		name = ".rodata";
	return elf_out_section(xu->out, name, type, flags, 1, 0);
}

/*
 * Two units may have static functions of one name.  objtool pairs NAME with
 * NAME.cold by name alone, so the second unit's get a suffix on the stem.
 */
static void function_name(struct xunit *xu, const char *name, char *out, size_t size)
{
	struct extract *x = xu->x;
	const char *cold = strstr(name, ".cold");
	size_t stem = cold ? (size_t)(cold - name) : strlen(name);

	for (size_t i = 0; i < x->nr_names; i++) {
		const char *other = x->names[i].name, *tail = strstr(other, ".cold");
		size_t n = tail ? (size_t)(tail - other) : strlen(other);

		if (n != stem || strncmp(other, name, n) || x->names[i].unit == xu->index)
			continue;
		snprintf(out, size, "%.*s.u%u%s", (int)stem, name, xu->index, name + stem);
		return;
	}
	x->names = xgrow(x->names, x->nr_names, sizeof(*x->names));
	x->names[x->nr_names].name = name;
	x->names[x->nr_names++].unit = xu->index;
	snprintf(out, size, "%s", name);
}

static void add_symbols(struct xunit *xu, const struct fragment *p)
{
	const struct elf_section *sec = &xu->ef->sections[p->shndx];

	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &xu->ef->symbols[sec->syms[i]];
		char name[512];

		if (s->type != STT_FUNC && s->type != STT_OBJECT)
			continue;
		if (s->value < p->start || s->value >= p->end || xu->out_sym[s->index])
			continue;
		if (s->type == STT_OBJECT)
			snprintf(name, sizeof(name), "%s", s->name);
		else
			function_name(xu, s->name, name, sizeof(name));
		/* objtool knows a static call of the patch's own by its name, but of global ones alone. */
		xu->out_sym[s->index] = elf_out_symbol(xu->out, name, starts_with(name, "__SCT__") ? STB_GLOBAL : STB_LOCAL,
						       s->type, p->out_sec, p->out_off + s->value - p->start, s->size);
	}
}

struct fragment *fragment_add(struct xunit *xu, uint32_t shndx, uint64_t start, uint64_t end,
			      const struct elf_symbol *sym)
{
	const struct elf_section *sec = &xu->ef->sections[shndx];
	uint64_t align = sec->align ? sec->align : 1;
	struct fragment *p;

	for (p = xu->by_section[shndx]; p; p = p->next)
		if (p->start == start && p->end == end)
			return p;
	p = xcalloc(1, sizeof(*p));
	while (align > 1 && start % align)
		align /= 2;
	if (sec->flags & SHF_MERGE)
		align = sec->flags & SHF_STRINGS ? 1 : align;
	p->shndx = shndx;
	p->start = start;
	p->end = end > sec->size ? sec->size : end;
	p->sym = sym;
	p->exec = sec->flags & SHF_EXECINSTR;
	p->out_sec = output_section(xu, sec);
	elf_out_align(xu->out, p->out_sec, align);
	p->out_off = elf_out_append(xu->out, p->out_sec, sec->data ? sec->data + start : NULL,
				    p->end - start, align);
	if (sym)
		add_symbols(xu, p);
	p->next = xu->by_section[shndx];
	xu->by_section[shndx] = p;
	*xu->last = p;
	xu->last = &p->later;
	if (!xu->todo)
		xu->todo = p;
	return p;
}

void xunit_refuse(struct xunit *xu, enum refusal reason, const char *name, const char *remedy,
		  const char *why, ...)
{
	char file[256] = "", text[1024], whole[512];
	const char *cold;
	uint32_t line = 0;
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	/* foo.cold is foo to whoever reads it. */
	cold = name ? strstr(name, ".cold") : NULL;
	if (cold) {
		snprintf(whole, sizeof(whole), "%.*s", (int)(cold - name), name);
		name = whole;
	}
	if (name && function_line(xu->u->orig_path, name, file, sizeof(file), &line))
		function_line(xu->u->patched_path, name, file, sizeof(file), &line);
	report_refuse(xu->b->report, reason, name, *file ? file : xu->u->source, line, remedy,
		      "%s", text);
}

void xunit_irrevertible(struct xunit *xu, const struct fragment *p, const char *why, ...)
{
	const char *name = fragment_name(xu, p);
	char text[512];
	va_list ap;

	va_start(ap, why);
	vsnprintf(text, sizeof(text), why, ap);
	va_end(ap);
	if (xu->b->of_update)
		xunit_refuse(xu, REFUSE_OTHER, name, "make a patch of this change alone",
			     "it %s: a patch with it can't be reverted, nor what else is in it", text);
	else if (!(xu->x->flags & QP_PATCH_IRREVERTIBLE))
		report_warn(xu->b->report, "%s %s: the patch can't be reverted", name, text);
	xu->x->flags |= QP_PATCH_IRREVERTIBLE;
}

struct xunit *xunit_of(struct extract *x, const struct unit *u)
{
	for (size_t i = 0; i < x->nr_units; i++)
		if (x->units[i].u == u)
			return &x->units[i];
	return NULL;
}
