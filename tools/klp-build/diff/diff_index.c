// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_index.c - one object, indexed for the differ: who uses what, which table
 * entries belong to which function, what each symbol's content amounts to.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "diff_priv.h"
#include "search.h"

bool diff_is_function(const struct elf_file *ef, const struct elf_symbol *sym)
{
	/* KASAN's _sub_I_65535_1 registers the unit's variables; a copy's would be registered twice. */
	if (!strncmp(sym->name, "_sub_I_65535_", 13) || !strncmp(sym->name, "_sub_D_65535_", 13))
		return false;
	return sym->type == STT_FUNC && sym->size && sym->shndx && sym->shndx < ef->nr_sections &&
	       canon_section(&ef->sections[sym->shndx]) == SECTION_TEXT;
}

bool diff_is_data(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return sym->type == STT_OBJECT && sym->size && sym->shndx &&
	       sym->shndx < ef->nr_sections &&
	       canon_section(&ef->sections[sym->shndx]) == SECTION_DATA;
}

bool diff_is_primary(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return elf_symbol_at(ef, sym->shndx, sym->value) == sym;
}

#define APPEND(array, nr, item) ({						\
	(array) = xgrow(array, nr, sizeof(*(array)));				\
	(array)[(nr)++] = (item);						\
})

static void add_use(struct diff_object *d, const struct elf_section *sec,
		    const struct elf_reloc *r, const struct ref *ref)
{
	const struct elf_symbol *by = elf_symbol_at(d->ef, sec->index, r->offset);
	struct use use = {
		.to = ref->sym->index,
		.by = by ? by->index : 0,
		.seq = d->nr_uses,
		.call = elf_reloc_is_branch(sec, r),
		.text = sec->flags & SHF_EXECINSTR,
	};

	APPEND(d->uses, d->nr_uses, use);
}

bool diff_covers(const struct elf_file *ef, const struct ref *ref)
{
	return ref->kind == REF_SYMBOL && diff_is_function(ef, ref->sym) && ref->off >= 0 &&
	       (uint64_t)ref->off < ref->sym->size;
}

static int add_entries(struct diff_object *d, const struct elf_section *sec,
		       enum section_kind kind, struct klp_err *err)
{
	size_t per = canon_table_relocs(sec), entsize = canon_table_entsize(sec);
	struct ref ref;

	if (!sec->nr_relocs)
		return 0;
	if (!entsize)
		return klp_err_set(err, -EINVAL, "section %s has an unknown layout", sec->name);
	for (size_t i = 0; i * per < sec->nr_relocs; i++) {
		struct table_entry e = { .kind = kind, .sec = sec, .index = i, .entsize = entsize };

		canon_ref(d->ef, sec, &sec->relocs[i * per], &ref);
		if (!diff_covers(d->ef, &ref))
			continue;	/* about .altinstr_aux and the like; diff_tables.c has code with a label alone */
		e.sym = ref.sym->index;
		e.off = ref.off;
		if (kind == SECTION_MCOUNT)
			d->fentry[e.sym] = 1;
		else
			APPEND(d->entries, d->nr_entries, e);
	}
	return 0;
}

/* Is relocation @i of a section a use of its target, or only the place of a site within it? */
static bool is_use(enum section_kind kind, size_t i, const struct ref *ref)
{
	switch (kind) {
	case SECTION_TEXT:
	case SECTION_DATA:
		return true;
	case SECTION_JUMP:	/* code, target, key */
		return i % 3 == 2;
	case SECTION_ALT_REPL:
	case SECTION_ALT_AUX:	/* jumps back into the function */
		return ref->sym->type != STT_FUNC || !ref->off;
	default:
		return false;
	}
}

/* Is the byte @off one of a function, of a variable, or of a table that is compared? */
static bool is_compared(const struct elf_file *ef, const struct elf_section *sec,
			enum section_kind kind, uint64_t off)
{
	const struct elf_symbol *by;

	if (kind != SECTION_TEXT && kind != SECTION_DATA)
		return true;
	by = elf_symbol_at(ef, sec->index, off);
	return by && (diff_is_function(ef, by) || diff_is_data(ef, by));
}

static int index_section(struct diff_object *d, const struct elf_section *sec,
			 struct klp_err *err)
{
	enum section_kind kind = canon_section(sec);
	struct ref ref;
	int ret = 0;

	if (canon_table_relocs(sec)) {
		ret = add_entries(d, sec, kind, err);
		if (ret)
			return ret;
	}
	if (kind == SECTION_NONE || kind == SECTION_MCOUNT || kind == SECTION_HINT || kind == SECTION_EXPORT)
		return 0;
	for (size_t i = 0; !ret && i < sec->nr_relocs; i++) {
		canon_ref(d->ef, sec, &sec->relocs[i], &ref);
		if (ref.kind == REF_SYMBOL && is_use(kind, i, &ref)) {
			add_use(d, sec, &sec->relocs[i], &ref);
		} else if (ref.kind == REF_SECTION && ref.off >= 0) {
			struct edge edge = { ref.sec->index, (uint64_t)ref.off,
					     is_compared(d->ef, sec, kind, sec->relocs[i].offset) };

			APPEND(d->edges, d->nr_edges, edge);
		}
	}
	return 0;
}

static int cmp_entries(const void *a, const void *b)
{
	const struct table_entry *x = a, *y = b;
	int name;

	if (x->sym != y->sym)
		return x->sym < y->sym ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	/* Of hints there are several tables. */
	name = strcmp(x->sec->name, y->sec->name);
	if (name)
		return name;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int cmp_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int cmp_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->shndx != y->shndx)
		return x->shndx < y->shndx ? -1 : 1;
	return x->off < y->off ? -1 : x->off > y->off;
}

bool diff_has_lines(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return !strcmp(ef->sections[sym->shndx].name, "__dyndbg") ||
	       (!strncmp(sym->name, "_entry.", 7) && sym->size == 48 && canon_is_generated(ef, sym));
}

uint8_t diff_line_bits(const struct elf_symbol *sym, uint64_t off)
{
	/* struct pi_entry: line is the word at 24. */
	if (!strncmp(sym->name, "_entry.", 7))
		return off >= 24 && off < 28 ? 0xff : 0;
	/* struct _ddebug: lineno is the low 18 bits of the word at 32. */
	if (off == 32 || off == 33)
		return 0xff;
	return off == 34 ? 0x03 : 0;
}

/* A constant that the compiler made for a function: its name says nothing, its bytes do. */
static uint64_t mix_constant(uint64_t h, const struct elf_file *ef, const struct ref *ref)
{
	const struct elf_symbol *sym = ref->sym;

	if (!canon_is_generated(ef, sym) || diff_has_lines(ef, sym) || !ref->sec || !ref->sec->data ||
	    (ref->sec->flags & SHF_WRITE) || sym->value + sym->size > ref->sec->size)
		return h;
	return fnv1a(h, ref->sec->data + sym->value, sym->size);
}

static uint64_t mix_ref(uint64_t h, const struct elf_file *ef, const struct ref *ref)
{
	char name[CANON_NAME_LEN];
	const uint8_t *data;
	size_t n;

	h = fnv1a(h, &ref->kind, sizeof(ref->kind));
	switch (ref->kind) {
	case REF_STRING:
	case REF_CONST:
		n = canon_content(ref, &data);
		h = fnv1a(h, &ref->delta, sizeof(ref->delta));
		return n ? fnv1a(h, data, n) : h;
	case REF_UNDEF:
	case REF_SYMBOL:
		canon_name(ref->sym->name, name);
		h = fnv1a(h, name, strlen(name));
		h = mix_constant(h, ef, ref);
		return fnv1a(h, &ref->off, sizeof(ref->off));
	case REF_UNKNOWN:
	case REF_SECTION:	/* its content is compared later, its place means nothing */
		return h;
	case REF_ABS:
		return fnv1a(h, &ref->off, sizeof(ref->off));
	}
	return h;
}

/* What the symbol's bytes amount to, all numbers and places left out. */
static uint64_t content_hash(const struct diff_object *d, const struct elf_symbol *sym)
{
	const struct elf_section *sec = &d->ef->sections[sym->shndx];
	uint64_t h = fnv1a(FNV1A_START, &sym->size, sizeof(sym->size));
	uint64_t pos = sym->value, end = sym->value + sym->size;
	bool lines = diff_has_lines(d->ef, sym);
	struct ref ref;

	for (size_t i = elf_reloc_first(sec, sym->value); sec->data; i++) {
		bool more = i < sec->nr_relocs && sec->relocs[i].offset < end;
		uint64_t stop = more ? sec->relocs[i].offset : end;

		for (; pos < stop; pos++) {
			uint8_t byte = sec->data[pos];

			if (lines)
				byte &= ~diff_line_bits(sym, pos - sym->value);
			h = fnv1a(h, &byte, 1);
		}
		if (!more)
			break;
		canon_ref(d->ef, sec, &sec->relocs[i], &ref);
		h = mix_ref(h, d->ef, &ref);
		stop += elf_reloc_width(sec->relocs[i].type);
		pos = stop > pos ? stop : pos;
	}
	return h ? h : 1;
}

int diff_index(const struct elf_file *ef, struct diff_object *d, struct klp_err *err)
{
	int ret = 0;

	if (!elf_is_object(ef))
		return klp_err_set(err, -EINVAL, "a linked image, not an object");
	*d = (struct diff_object){ .ef = ef };
	d->fentry = xcalloc(ef->nr_symbols, sizeof(*d->fentry));
	d->hash = xcalloc(ef->nr_symbols, sizeof(*d->hash));
	d->other = xcalloc(ef->nr_symbols, sizeof(*d->other));
	for (size_t i = 1; !ret && i < ef->nr_sections; i++)
		ret = index_section(d, &ef->sections[i], err);
	if (ret) {
		diff_index_free(d);
		return ret;
	}
	if (d->nr_entries)
		qsort(d->entries, d->nr_entries, sizeof(*d->entries), cmp_entries);
	if (d->nr_uses)
		qsort(d->uses, d->nr_uses, sizeof(*d->uses), cmp_uses);
	if (d->nr_edges)
		qsort(d->edges, d->nr_edges, sizeof(*d->edges), cmp_edges);
	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (diff_is_function(ef, &ef->symbols[i]) || diff_is_data(ef, &ef->symbols[i]))
			d->hash[i] = content_hash(d, &ef->symbols[i]);
	return 0;
}

void diff_index_free(struct diff_object *d)
{
	free(d->entries);
	free(d->uses);
	free(d->edges);
	free(d->fentry);
	free(d->hash);
	free(d->other);
	*d = (struct diff_object){ 0 };
}

static uint32_t symbol_of(const void *list, size_t size, size_t i)
{
	return get32((const uint8_t *)list + i * size);
}

/*
 * Of @nr entries of @size bytes each, sorted by the symbol that each begins with: behind the last one of @sym, and the
 * first in *first.
 */
static size_t range_of(const void *list, size_t nr, size_t size, uint32_t sym, size_t *first)
{
	size_t lo = lower_bound(nr, i, symbol_of(list, size, i) < sym);

	*first = lo;
	while (lo < nr && symbol_of(list, size, lo) == sym)
		lo++;
	return lo;
}

size_t diff_uses(const struct diff_object *d, uint32_t to, size_t *first)
{
	static_assert(!offsetof(struct use, to), "it begins with its symbol");
	return range_of(d->uses, d->nr_uses, sizeof(*d->uses), to, first);
}

size_t diff_entries(const struct diff_object *d, uint32_t sym, size_t *first)
{
	static_assert(!offsetof(struct table_entry, sym), "it begins with its symbol");
	return range_of(d->entries, d->nr_entries, sizeof(*d->entries), sym, first);
}
