// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_compare.c - do two symbols' contents mean the same?
 *
 * Bytes must be equal outside of relocations and line numbers, relocations
 * must refer to matches, and so must the table entries about the symbol.
 * What has no symbol (switch tables, alternatives) is followed by content.
 */
#include <errno.h>
#include <string.h>

#include "diff_priv.h"
#include "object/near.h"
#include "search.h"

#define MAX_DEPTH 16	/* of unnamed content that refers to unnamed content */

struct side {
	const struct diff_object *d;
	const struct elf_section *sec;
	uint64_t off;			/* where the range starts in sec */
	const struct elf_symbol *sym;	/* NULL: an unnamed range */
};

static bool same_range(const struct side *o, const struct side *n, uint64_t len, int depth);
static bool same_ref(const struct diff_object *o, const struct ref *a,
		     const struct diff_object *n, const struct ref *b, int depth);

/* The first edge at or after @off of the section; d->nr_edges or one of another section: none. */
static size_t first_edge(const struct diff_object *d, const struct elf_section *sec, uint64_t off)
{
	return lower_bound(d->nr_edges, i, d->edges[i].shndx < sec->index ||
			   (d->edges[i].shndx == sec->index && d->edges[i].off < off));
}

uint64_t diff_next_edge(const struct diff_object *d, const struct elf_section *sec, uint64_t off)
{
	for (size_t i = first_edge(d, sec, off); i < d->nr_edges && d->edges[i].shndx == sec->index; i++)
		if (d->edges[i].compared)
			return d->edges[i].off;
	return UINT64_MAX;
}

uint64_t diff_range_end(const struct diff_object *d, const struct elf_section *sec, uint64_t off)
{
	uint64_t end = sec->size;
	size_t i = first_edge(d, sec, off + 1);

	if (i < d->nr_edges && d->edges[i].shndx == sec->index && d->edges[i].off < end)
		end = d->edges[i].off;
	for (i = 0; i < sec->nr_syms; i++) {
		uint64_t value = d->ef->symbols[sec->syms[i]].value;

		if (value > off)
			return value < end ? value : end;
	}
	return end;
}

/* Entries of the bug table: file and line don't count, the flags and what is printed do. */
static bool same_bug(const struct diff_object *o, const struct elf_section *a, size_t i,
		     const struct diff_object *n, const struct elf_section *b, size_t j, int depth)
{
	size_t relocs = canon_table_relocs(a), size = canon_table_entsize(a);
	struct ref x, y;

	if (!size || size != canon_table_entsize(b) || relocs != canon_table_relocs(b) ||
	    i >= a->size / size || j >= b->size / size ||
	    memcmp(a->data + (i + 1) * size - 2, b->data + (j + 1) * size - 2, 2))
		return false;
	if (relocs < 3)
		return true;
	canon_ref(o->ef, a, &a->relocs[i * relocs + 1], &x);
	canon_ref(n->ef, b, &b->relocs[j * relocs + 1], &y);
	return same_ref(o, &x, n, &y, depth);
}

/* Text that hands its own bug entry on, as WARN(condition, "text") does from 6.19 on. */
static bool is_bug_entry(const struct ref *ref)
{
	size_t size = canon_section(ref->sec) == SECTION_BUG ? canon_table_entsize(ref->sec) : 0;

	return size && ref->off >= 0 && ref->off % (int64_t)size == 0;
}

static bool same_unnamed(const struct diff_object *o, const struct ref *a,
			 const struct diff_object *n, const struct ref *b, int depth)
{
	struct side x = { .d = o, .sec = a->sec, .off = a->off };
	struct side y = { .d = n, .sec = b->sec, .off = b->off };
	uint64_t len;

	if (!canon_equal(a->sec->name, b->sec->name) || depth > MAX_DEPTH)
		return false;
	if (is_bug_entry(a) && is_bug_entry(b))
		return same_bug(o, a->sec, (size_t)a->off / canon_table_entsize(a->sec),
				n, b->sec, (size_t)b->off / canon_table_entsize(b->sec), depth);
	if (a->off < 0 || b->off < 0 || x.off > a->sec->size || y.off > b->sec->size)
		return a->off == b->off;
	len = diff_range_end(o, a->sec, x.off) - x.off;
	return len == diff_range_end(n, b->sec, y.off) - y.off && same_range(&x, &y, len, depth);
}

/* What the two refer to can't be told: it is the same only if all that it may be is. */
static bool same_section(const struct diff_object *o, const struct ref *a,
			 const struct diff_object *n, const struct ref *b, int depth)
{
	struct side x = { .d = o, .sec = a->sec }, y = { .d = n, .sec = b->sec };

	return depth <= MAX_DEPTH && a->off == b->off && a->sec->size == b->sec->size &&
	       !strcmp(a->sec->name, b->sec->name) && same_range(&x, &y, a->sec->size, depth);
}

/* A string or constant.  One whose bytes can't be told is the same only in an equal section. */
static bool same_merged(const struct diff_object *o, const struct ref *a,
			const struct diff_object *n, const struct ref *b, int depth)
{
	const uint8_t *p = NULL, *q = NULL;
	size_t len = canon_content(a, &p);
	struct side x = { .d = o, .sec = a->sec, .off = a->off };
	struct side y = { .d = n, .sec = b->sec, .off = b->off };

	if (a->delta != b->delta || len != canon_content(b, &q) || depth > MAX_DEPTH)
		return false;
	if (!len)
		return a->sec->entsize == b->sec->entsize && same_section(o, a, n, b, depth);
	return same_range(&x, &y, len, depth);
}

static bool same_ref(const struct diff_object *o, const struct ref *a,
		     const struct diff_object *n, const struct ref *b, int depth)
{
	const struct elf_symbol *other;

	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case REF_ABS:
		return a->off == b->off;
	case REF_UNDEF:
		return a->off == b->off && !strcmp(a->sym->name, b->sym->name);
	case REF_STRING:
	case REF_CONST:
		return same_merged(o, a, n, b, depth + 1);
	case REF_SYMBOL:
		other = &n->ef->symbols[o->other[a->sym->index]];
		return a->off == b->off && other->index && other->shndx == b->sym->shndx &&
		       other->value == b->sym->value;
	case REF_SECTION:
		return same_unnamed(o, a, n, b, depth + 1);
	case REF_UNKNOWN:
		return same_section(o, a, n, b, depth + 1);
	}
	return false;
}

static bool same_reloc(const struct side *o, const struct elf_reloc *r,
		       const struct side *n, const struct elf_reloc *s, int depth)
{
	struct ref a, b;

	if (r->type != s->type || r->offset - o->off != s->offset - n->off)
		return false;
	if (canon_is_location(o->sec, r->offset) && canon_is_location(n->sec, s->offset))
		return true;
	canon_ref(o->d->ef, o->sec, r, &a);
	canon_ref(n->d->ef, n->sec, s, &b);
	return same_ref(o->d, &a, n->d, &b, depth);
}

/* Two functions in sections that others share refer to the same of them. */
static bool same_near(const struct side *o, const struct side *n, uint64_t len)
{
	uint64_t i = o->off, j = n->off;
	struct near a, b;
	int ret, other;

	for (;;) {
		struct ref x = { .kind = REF_SYMBOL }, y = { .kind = REF_SYMBOL };

		ret = near_next(o->sec, o->off, o->off + len, &i, &a);
		other = near_next(n->sec, n->off, n->off + len, &j, &b);
		if (ret || other)
			return ret == -ENOENT && other == -ENOENT;
		x.sym = elf_symbol_at(o->d->ef, o->sec->index, a.target);
		y.sym = elf_symbol_at(n->d->ef, n->sec->index, b.target);
		if (a.at - o->off != b.at - n->off || a.width != b.width || !x.sym || !y.sym)
			return false;
		x.off = (int64_t)(a.target - x.sym->value);
		y.off = (int64_t)(b.target - y.sym->value);
		if (!same_ref(o->d, &x, n->d, &y, 0))
			return false;
	}
}

/* A function that shares its section: same_near() has to look at it. */
static bool has_near(const struct side *s, uint64_t len)
{
	return s->sym && s->sym->type == STT_FUNC && s->off == s->sym->value &&
	       near_shares(s->d->ef, s->sec, s->off, s->off + len);
}

/* Bytes of distances don't count: what they lead to has been compared. */
static bool same_text(const struct side *o, uint64_t len, const struct side *n, uint64_t from, uint64_t to)
{
	const uint8_t *p = o->sec->data + o->off, *q = n->sec->data + n->off;
	uint64_t pos = o->off;
	struct near a;

	if (!has_near(o, len))
		return false;
	while (!near_next(o->sec, o->off, o->off + len, &pos, &a)) {
		uint64_t at = a.at - o->off;

		if (at < from || at >= to)
			continue;
		if (memcmp(p + from, q + from, at - from))
			return false;
		from = at + a.width;
	}
	return from >= to || !memcmp(p + from, q + from, to - from);
}

/* Bytes @from to @to of the @len ones that are compared. */
static bool same_bytes(const struct side *o, const struct side *n, uint64_t len, uint64_t from, uint64_t to)
{
	const uint8_t *p = o->sec->data + o->off, *q = n->sec->data + n->off;

	if (from >= to || !memcmp(p + from, q + from, to - from))
		return true;
	if (o->sec->flags & SHF_EXECINSTR)
		return same_text(o, len, n, from, to);
	if (canon_is_ubsan(o->sec)) {
		for (uint64_t i = from; i < to; i++)
			if (p[i] != q[i] && !canon_is_location(o->sec, o->off + i))
				return false;
		return true;
	}
	if (!o->sym || !diff_has_lines(o->d->ef, o->sym))
		return false;
	for (uint64_t i = from; i < to; i++)
		if ((p[i] ^ q[i]) & ~diff_line_bits(o->sym, i))
			return false;
	return true;
}

/* .bss holds zeros, and so may the .data that the variable was in, or is in now. */
static bool is_zero(const struct side *s, uint64_t len)
{
	const uint8_t *p = s->sec->data ? s->sec->data + s->off : NULL;
	size_t i = elf_reloc_first(s->sec, s->off);

	if (i < s->sec->nr_relocs && s->sec->relocs[i].offset - s->off < len)
		return false;
	return !p || !len || (!*p && !memcmp(p, p + 1, len - 1));
}

/* @len bytes from each side's off on; the caller has checked that they are there. */
static bool same_range(const struct side *o, const struct side *n, uint64_t len, int depth)
{
	size_t i = elf_reloc_first(o->sec, o->off), j = elf_reloc_first(n->sec, n->off);
	uint64_t pos = 0;

	if (!o->sec->data || !n->sec->data)
		return is_zero(o, len) && is_zero(n, len);
	if ((has_near(o, len) || has_near(n, len)) && !same_near(o, n, len))
		return false;
	for (;; i++, j++) {
		const struct elf_reloc *r = i < o->sec->nr_relocs ? &o->sec->relocs[i] : NULL;
		const struct elf_reloc *s = j < n->sec->nr_relocs ? &n->sec->relocs[j] : NULL;
		bool more = r && r->offset - o->off < len;

		if (more != (s && s->offset - n->off < len))
			return false;
		if (!more)
			return same_bytes(o, n, len, pos, len);
		if (!same_reloc(o, r, n, s, depth) ||
		    !same_bytes(o, n, len, pos, r->offset - o->off))
			return false;
		pos = r->offset - o->off + elf_reloc_width(r->type);
	}
}

static const uint8_t *entry_bytes(const struct table_entry *e)
{
	return e->sec->data + e->index * e->entsize;
}

static void entry_ref(const struct diff_object *d, const struct table_entry *e, size_t k,
		      struct ref *ref)
{
	canon_ref(d->ef, e->sec, &e->sec->relocs[e->index * canon_table_relocs(e->sec) + k], ref);
}

static bool same_alternative(const struct diff_object *o, const struct table_entry *a,
			     const struct diff_object *n, const struct table_entry *b)
{
	const uint8_t *p = entry_bytes(a), *q = entry_bytes(b);
	uint64_t len = p[a->entsize - 1];	/* replacementlen is the last field */
	struct ref x, y;
	struct side s, t;

	if (memcmp(p + 8, q + 8, a->entsize - 8))
		return false;
	entry_ref(o, a, 1, &x);
	entry_ref(n, b, 1, &y);
	if (!x.sec || !y.sec)
		return false;
	s = (struct side){ .d = o, .sec = x.sec, .off = x.off + (x.sym ? x.sym->value : 0) };
	t = (struct side){ .d = n, .sec = y.sec, .off = y.off + (y.sym ? y.sym->value : 0) };
	if (s.off > s.sec->size || len > s.sec->size - s.off || t.off > t.sec->size ||
	    len > t.sec->size - t.off)
		return false;
	return !len || same_range(&s, &t, len, 0);
}

static bool same_entry(const struct diff_object *o, const struct table_entry *a,
		       const struct diff_object *n, const struct table_entry *b)
{
	const uint8_t *p = entry_bytes(a), *q = entry_bytes(b);
	size_t relocs = canon_table_relocs(a->sec), tail;
	struct ref x, y;

	if (a->kind != b->kind || a->off != b->off || a->entsize != b->entsize || a->entsize < 4 ||
	    strcmp(a->sec->name, b->sec->name))
		return false;
	if (a->kind == SECTION_BUG)
		return same_bug(o, a->sec, a->index, n, b->sec, b->index, 0);
	if (a->kind == SECTION_ALT)
		return a->entsize >= 12 && same_alternative(o, a, n, b);
	for (size_t k = 1; k < relocs; k++) {
		entry_ref(o, a, k, &x);
		entry_ref(n, b, k, &y);
		if (!same_ref(o, &x, n, &y, 0))
			return false;
	}
	/* All fields before this one are relocated. */
	tail = a->kind == SECTION_JUMP ? a->entsize : relocs * (a->kind == SECTION_PARA ? 8 : 4);
	return tail >= a->entsize || !memcmp(p + tail, q + tail, a->entsize - tail);
}

/* The place's own content counts, wherever it lies. */
bool diff_same_entry(const struct diff_object *o, const struct table_entry *a,
		     const struct diff_object *n, const struct table_entry *b)
{
	struct ref x, y;

	entry_ref(o, a, 0, &x);
	entry_ref(n, b, 0, &y);
	return same_ref(o, &x, n, &y, 0) && same_entry(o, a, n, b);
}

static bool same_entries(const struct diff_object *o, uint32_t osym,
			 const struct diff_object *n, uint32_t nsym)
{
	size_t i, j, iend = diff_entries(o, osym, &i), jend = diff_entries(n, nsym, &j);

	if (iend - i != jend - j)
		return false;
	for (; i < iend; i++, j++)
		if (!same_entry(o, &o->entries[i], n, &n->entries[j]))
			return false;
	return true;
}

bool diff_same_bytes(const struct diff_object *o, const struct elf_section *a, uint64_t from,
		     const struct diff_object *n, const struct elf_section *b, uint64_t off,
		     uint64_t len)
{
	struct side x = { .d = o, .sec = a, .off = from }, y = { .d = n, .sec = b, .off = off };

	return same_range(&x, &y, len, 0);
}

bool diff_same(const struct diff_object *o, uint32_t osym,
	       const struct diff_object *n, uint32_t nsym)
{
	const struct elf_symbol *a = &o->ef->symbols[osym], *b = &n->ef->symbols[nsym];
	struct side x = { .d = o, .sec = &o->ef->sections[a->shndx], .off = a->value, .sym = a };
	struct side y = { .d = n, .sec = &n->ef->sections[b->shndx], .off = b->value, .sym = b };

	if (a->size != b->size || a->type != b->type)
		return false;
	return same_range(&x, &y, a->size, 0) && same_entries(o, osym, n, nsym);
}
