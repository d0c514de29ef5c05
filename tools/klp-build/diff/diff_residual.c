// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_residual.c - every byte that is loaded and that nothing else compares.
 *
 * Symbols with a type and a size are compared one by one, and with them what their
 * relocations lead to (switch tables, constants, alternatives) and the tables about
 * code.  What remains is assembly in a C file: the template of an optimised probe is
 * bytes in .rodata between labels without a size.  The k-th such fragment of a section
 * must be the k-th of the section of that name in the other build.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "diff_priv.h"
#include "object/debuginfo.h"
#include "object/insn.h"

struct fragment {
	const struct elf_section *sec;
	uint64_t from, to;
	const char *label;	/* that stands at its start, or "" */
};

struct fragments {
	const struct diff_object *d;
	struct fragment *list;
	size_t nr;
	int err;
};

/* Sections without symbols that other parts judge entry by entry, or that are about code sites. */
static bool is_judged_elsewhere(const char *section)
{
	return diff_is_nameless_table(section) || starts_with(section, "runtime_ptr_") || starts_with(section, "runtime_shift_") ||
	       starts_with(section, ".BTF_ids") ||
	       /* What KASAN is told of the variables, which are compared themselves: place, size, name, line. */
	       starts_with(section, ".data..LASAN");
}

static bool holds_residuals(const struct elf_section *sec)
{
	enum section_kind kind = canon_section(sec);

	return (kind == SECTION_TEXT || kind == SECTION_DATA) && sec->data &&
	       !((sec->flags & SHF_MERGE) && sec->entsize) && !is_judged_elsewhere(sec->name);
}

/* Those that the differ leaves out on purpose (KASAN's constructors) are covered as well. */
static bool is_covered(const struct elf_symbol *sym)
{
	return (sym->type == STT_FUNC || sym->type == STT_OBJECT) && sym->size;
}

static bool has_symbols(const struct elf_file *ef, const struct elf_section *sec)
{
	for (size_t i = 0; i < sec->nr_syms; i++)
		if (is_covered(&ef->symbols[sec->syms[i]]))
			return true;
	return false;
}

/* Bytes of filler at @at: int3, zeros or a NOP of any length; 0: none. */
static unsigned int filler(const uint8_t *p, uint64_t at, uint64_t to)
{
	struct insn insn;
	uint64_t op = at;

	if (p[at] == 0xcc || p[at] == 0)
		return 1;
	while (op < to && (p[op] == 0x66 || p[op] == 0x2e))
		op++;
	if (op >= to || (p[op] != 0x90 && (p[op] != 0x0f || op + 1 >= to || p[op + 1] != 0x1f)) ||
	    insn_decode(p + at, to - at, &insn))
		return 0;
	return insn.len;
}

/* Without the filler of alignment that begins and ends it. */
static void trim(const struct elf_file *ef, struct fragment *f)
{
	const struct elf_section *sec = f->sec;
	uint64_t used = f->from, end = f->from, n;

	if (!(sec->flags & SHF_EXECINSTR)) {
		if (!has_symbols(ef, sec))
			return;
		while (f->to > f->from && !sec->data[f->to - 1])
			f->to--;
		return;
	}
	while (used < f->to && (n = filler(sec->data, used, f->to)))
		used += n;
	if (!*f->label)
		f->from = used;
	for (uint64_t at = end = used; at < f->to; at += n) {
		n = filler(sec->data, at, f->to);
		if (!n) {
			n = 1;
			end = at + 1;
		}
	}
	f->to = end;
}

static void add_fragment(struct fragments *fs, const struct elf_section *sec, uint64_t from,
			 uint64_t to, const char *label)
{
	struct fragment f = { .sec = sec, .from = from, .to = to, .label = label };
	size_t i = elf_reloc_first(sec, from);
	uint64_t last = from;

	for (; i < sec->nr_relocs && sec->relocs[i].offset < to; i++)
		last = sec->relocs[i].offset + (uint64_t)elf_reloc_width(sec->relocs[i].type);
	trim(fs->d->ef, &f);
	if (f.to < last)
		f.to = last < to ? last : to;
	if (f.from >= f.to)
		return;
	fs->list = xgrow(fs->list, fs->nr, sizeof(*fs->list));
	fs->list[fs->nr++] = f;
}

/* The next label in (@from, @to), or @to. */
static uint64_t next_label(const struct elf_file *ef, const struct elf_section *sec, uint64_t from,
			   uint64_t to)
{
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (*s->name && s->value > from && s->value < to)
			return s->value;
	}
	return to;
}

static const char *label_at(const struct elf_file *ef, const struct elf_section *sec, uint64_t at)
{
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *s = &ef->symbols[sec->syms[i]];

		if (*s->name && s->value == at)
			return s->name;
	}
	return "";
}

/* [@from, @to) has no symbol with a size; what compared code refers to is compared with it. */
static void add_gap(struct fragments *fs, const struct elf_section *sec, uint64_t from, uint64_t to)
{
	while (from < to) {
		uint64_t at = diff_next_edge(fs->d, sec, from), end;

		if (at == from) {
			end = diff_range_end(fs->d, sec, from);
			from = end < to ? end : to;
			continue;
		}
		end = next_label(fs->d->ef, sec, from, at < to ? at : to);
		add_fragment(fs, sec, from, end, label_at(fs->d->ef, sec, from));
		from = end;
	}
}

static void collect(const struct diff_object *d, struct fragments *fs)
{
	const struct elf_file *ef = d->ef;

	*fs = (struct fragments){ .d = d };
	for (size_t i = 1; !fs->err && i < ef->nr_sections; i++) {
		const struct elf_section *sec = &ef->sections[i];
		uint64_t pos = 0;

		if (!holds_residuals(sec))
			continue;
		for (size_t k = 0; k < sec->nr_syms; k++) {
			const struct elf_symbol *s = &ef->symbols[sec->syms[k]];

			if (!is_covered(s))
				continue;
			if (s->value > pos)
				add_gap(fs, sec, pos, s->value);
			if (s->value + s->size > pos)
				pos = s->value + s->size;
		}
		if (pos < sec->size)
			add_gap(fs, sec, pos, sec->size);
	}
}

/* The @k-th fragment of a section of that name; NULL: there are fewer. */
static const struct fragment *nth(const struct fragments *fs, const char *section, size_t k)
{
	for (size_t i = 0; i < fs->nr; i++)
		if (canon_equal(fs->list[i].sec->name, section) && !k--)
			return &fs->list[i];
	return NULL;
}

static bool same_fragment(const struct fragments *o, const struct fragment *a,
			  const struct fragments *n, const struct fragment *b)
{
	return b && b->to - b->from == a->to - a->from && a->sec->flags == b->sec->flags &&
	       diff_same_bytes(o->d, a->sec, a->from, n->d, b->sec, b->from, a->to - a->from);
}

static void refuse(const struct unit *u, struct report *r, const struct fragment *f, const char *what)
{
	report_refuse(r, REFUSE_ASSEMBLY, *f->label ? f->label : f->sec->name, u->source, 0,
		      "make the change in C code, or reboot into the fixed kernel",
		      "bytes of section %s, from offset %llu on, that belong to no function or variable %s",
		      f->sec->name, (unsigned long long)f->from, what);
}

/* Each one of @a has its equal in @b?  Of both directions the second only looks for new ones. */
static void compare_all(const struct unit *u, struct report *r, const struct fragments *a,
			const struct fragments *b, bool only_new)
{
	for (size_t i = 0; i < a->nr; i++) {
		const struct fragment *f = &a->list[i], *other;
		size_t k = 0;

		for (size_t j = 0; j < i; j++)
			k += canon_equal(a->list[j].sec->name, f->sec->name);
		other = nth(b, f->sec->name, k);
		if (only_new ? !!other : same_fragment(a, f, b, other))
			continue;
		refuse(u, r, f, only_new ? "are new" : other ? "change" : "are removed");
	}
}

/* A global name for a number, made by assembly: other units have it in their code. */
static bool is_number(const struct elf_symbol *s)
{
	return s->shndx == SHN_ABS && s->bind != STB_LOCAL && s->type != STT_FILE;
}

static void compare_numbers(const struct unit *u, struct report *r, const struct elf_file *o, const struct elf_file *n)
{
	for (size_t i = 1; i < o->nr_symbols; i++) {
		const struct elf_symbol *a = &o->symbols[i], *b = NULL;

		for (size_t k = 1; is_number(a) && k < n->nr_symbols && !b; k++)
			if (is_number(&n->symbols[k]) && !strcmp(n->symbols[k].name, a->name))
				b = &n->symbols[k];
		if (is_number(a) && (!b || a->value != b->value))
			report_refuse(r, REFUSE_ASSEMBLY, a->name, u->source, 0,
				      "make the change in C code, or reboot into the fixed kernel",
				      "it is a name for a number, which %s, and other units were linked with it",
				      b ? "changes" : "is removed");
	}
}

/* What .modinfo says is for who loads a module; it was read for the one that runs. */
static bool same_strings(const struct elf_section *a, const struct elf_section *b)
{
	for (uint64_t i = 0; a && a->data && i < a->size;) {
		size_t len = strnlen((const char *)a->data + i, a->size - i);
		bool found = !len;

		for (uint64_t j = 0; !found && b && b->data && j + len < b->size; j++)
			found = (!j || !b->data[j - 1]) && !b->data[j + len] &&
				!memcmp(a->data + i, b->data + j, len);
		if (!found)
			return false;
		i += len + 1;
	}
	return true;
}

int diff_residuals(const struct diff_object *o, const struct diff_object *n, const struct unit *u,
		   struct report *r, struct klp_err *err)
{
	const struct elf_section *a = elf_section(o->ef, ".modinfo"), *b = elf_section(n->ef, ".modinfo");
	struct fragments x, y;
	int ret;

	if (!r)
		return 0;
	collect(o, &x);
	collect(n, &y);
	ret = x.err ? x.err : y.err;
	if (!ret) {
		compare_all(u, r, &x, &y, false);
		compare_all(u, r, &y, &x, true);
	}
	free(x.list);
	free(y.list);
	compare_numbers(u, r, o->ef, n->ef);
	if (!same_strings(a, b) || !same_strings(b, a))
		report_warn(r, "what %s says of its module (.modinfo: aliases, parameters, licence) changes; it counts from the next load on",
			    u->source);
	return ret ? klp_err_set(err, ret, "no memory for what has no symbol") : 0;
}
