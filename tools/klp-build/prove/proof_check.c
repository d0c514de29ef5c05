// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof_check.c - is this compiled function the one at that place?
 *
 * Every byte must be equal, every relocated field must hold the address of what
 * the relocation names.  Where the compiled object doesn't know an address, the
 * field tells it (a claim), and all claims must agree.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "object/canon.h"
#include "proof_priv.h"
#include "search.h"

struct check {
	const struct solver *s;
	const struct elf_section *sec;
	const struct elf_symbol *sym;
	uint64_t base, addr;		/* of section and function in the image */
	const uint8_t *obj, *img;	/* the function's bytes */
	struct claims *claims;
	struct mismatch *why;
};

static int differs(const struct check *c, uint64_t off, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int differs(const struct check *c, uint64_t off, const char *fmt, ...)
{
	va_list ap;

	if (!c->why)
		return -EBADMSG;
	c->why->off = off;
	va_start(ap, fmt);
	vsnprintf(c->why->text, sizeof(c->why->text), fmt, ap);
	va_end(ap);
	return -EBADMSG;
}

static bool is_jump_site(const struct solver *s, uint32_t shndx, uint64_t off)
{
	uint64_t key = (uint64_t)shndx << 40 | off;
	size_t lo = lower_bound(s->nr_jump_sites, i, s->jump_sites[i] < key);

	return lo < s->nr_jump_sites && s->jump_sites[lo] == key;
}

/*
 * objtool turns the jump of a jump label that starts out disabled into a NOP of
 * the same size.  Returns that size, or 0: no such place.
 */
static unsigned int nopped_jump(const struct check *c, uint64_t i)
{
	static const uint8_t nop5[] = { 0x0f, 0x1f, 0x44, 0x00, 0x00 };
	const uint8_t *o = c->obj + i, *k = c->img + i;
	uint64_t left = c->sym->size - i;

	if (left < 2 || (o[0] != 0xeb && o[0] != 0xe9) ||
	    !is_jump_site(c->s, c->sym->shndx, c->sym->value + i))
		return 0;
	if (o[0] == 0xeb && k[0] == 0x66 && k[1] == 0x90)
		return 2;
	if (o[0] == 0xe9 && left >= 5 && !memcmp(k, nop5, 5))
		return 5;
	return 0;
}

bool claim_fits(const struct solver *s, const struct claim *c)
{
	const struct section_place *p;

	if (c->sym)
		return !s->undef_known[c->sym] || s->undef[c->sym] == c->base;
	p = &s->sections[c->shndx];
	if (p->settled)
		return p->base == c->base;
	for (size_t i = 0; i < p->nr_candidates; i++)
		if (p->candidates[i] == c->base)
			return true;
	return !p->nr_candidates;
}

static int add_claim(const struct check *c, uint64_t off, const struct claim *claim,
		     const char *name)
{
	struct claims *list = c->claims;

	if (!claim_fits(c->s, claim))
		return differs(c, off, "refers to %s, which is elsewhere in the shipped kernel", name);
	if (!list)
		return 0;
	list->list = xgrow(list->list, list->nr, sizeof(*list->list));
	list->list[list->nr++] = *claim;
	return 0;
}

/* Merged strings and constants have no place of their own: equal content will do. */
static int check_content(const struct check *c, uint64_t off, const struct ref *ref,
			 const struct field *f)
{
	const uint8_t *want, *have;
	size_t n = canon_content(ref, &want);

	have = !f->undef && n ? image_bytes(c->s->img, f->value + ref->bias - ref->delta, n) : NULL;
	if (!have || memcmp(want, have, n))
		return differs(c, off, "refers to another string or constant");
	return 0;
}

/* A symbol that the linker resolved by name: undefined here, or global. */
static int check_named(const struct check *c, uint64_t off, const struct elf_reloc *r,
		       const struct field *f)
{
	const struct elf_symbol *sym = &c->s->ef->symbols[r->sym];
	struct claim claim = { .sym = r->sym, .base = f->value - r->addend };
	uint64_t places[MAX_CANDIDATES];
	size_t n;

	if (f->undef) {
		if (strcmp(f->undef, sym->name) || f->value != (uint64_t)r->addend)
			return differs(c, off, "refers to %s, the shipped one to %s", sym->name,
				       f->undef);
		return 0;
	}
	n = image_lookup(c->s->img, sym->name, true, places, MAX_CANDIDATES);
	for (size_t i = 0; i < n && i < MAX_CANDIDATES; i++)
		if (places[i] == claim.base)
			return add_claim(c, off, &claim, sym->name);
	if (n)
		return differs(c, off, "refers to %s, the shipped one to something else", sym->name);
	/* Not in kallsyms (linker-made, or left out by its filter): must only be consistent. */
	return add_claim(c, off, &claim, sym->name);
}

static int check_reloc(const struct check *c, uint64_t off, const struct elf_reloc *r)
{
	const struct elf_symbol *sym = &c->s->ef->symbols[r->sym];
	struct claim claim = { 0 };
	struct field f;
	struct ref ref;

	if (image_field(c->s->img, c->addr + off, r->type, &f))
		return differs(c, off, "has a relocation that the shipped one lacks");
	canon_ref(c->s->ef, c->sec, r, &ref);
	if (ref.kind == REF_UNDEF)
		return check_named(c, off, r, &f);
	if (ref.kind == REF_ABS)
		return f.undef || f.value != sym->value + r->addend ?
		       differs(c, off, "holds another constant") : 0;
	if (ref.kind == REF_UNKNOWN && ref.sec->flags & SHF_MERGE)
		return differs(c, off, "refers to a string or constant by an instruction that isn't known");
	if (ref.sec->flags & SHF_MERGE) {
		if (ref.kind == REF_SYMBOL) {
			ref.off += ref.sym->value;
			ref.kind = ref.sec->flags & SHF_STRINGS ? REF_STRING : REF_CONST;
		}
		return check_content(c, off, &ref, &f);
	}
	if (sym->bind != STB_LOCAL) {
		int ret = check_named(c, off, r, &f);

		/* A weak one may have lost to another unit's; it tells no place. */
		if (ret || sym->bind == STB_WEAK || f.undef)
			return ret;
	}
	if (f.undef)
		return differs(c, off, "refers to a local symbol, the shipped one to %s", f.undef);
	claim.shndx = sym->shndx;
	claim.base = f.value - r->addend - sym->value;
	if (sym->shndx == c->sec->index && claim.base != c->base)
		return differs(c, off, "jumps elsewhere");
	return add_claim(c, off, &claim, ref.sym ? ref.sym->name : ref.sec->name);
}

int check_function(const struct solver *s, const struct elf_symbol *sym, uint64_t base,
		   struct claims *claims, struct mismatch *why)
{
	const struct elf_section *sec = &s->ef->sections[sym->shndx];
	struct check c = { .s = s, .sec = sec, .sym = sym, .base = base, .addr = base + sym->value,
			   .obj = sec->data + sym->value, .claims = claims, .why = why };
	size_t r = 0;
	int ret;

	c.img = image_bytes(s->img, c.addr, sym->size);
	if (!c.img || !sec->data)
		return differs(&c, 0, "reaches beyond the shipped object");
	while (r < sec->nr_relocs && sec->relocs[r].offset < sym->value)
		r++;
	for (uint64_t i = 0; i < sym->size;) {
		unsigned int skip = nopped_jump(&c, i);
		const struct elf_reloc *rel = r < sec->nr_relocs ? &sec->relocs[r] : NULL;

		if (skip) {
			i += skip;
		} else if (rel && rel->offset == sym->value + i && rel->type == R_X86_64_NONE) {
			r++;
			continue;
		} else if (rel && rel->offset == sym->value + i) {
			ret = check_reloc(&c, i, rel);
			if (ret)
				return ret;
			i += elf_reloc_width(rel->type);
		} else if (c.obj[i] != c.img[i]) {
			return differs(&c, i, "byte %02x, shipped %02x", c.obj[i], c.img[i]);
		} else {
			i++;
		}
		while (r < sec->nr_relocs && sec->relocs[r].offset < sym->value + i)
			r++;
	}
	return 0;
}
