// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof_solve.c - where did each section of a compiled object end up?
 *
 * A section moves as a whole, so one number places it.  Names give candidates
 * (kallsyms knows no units: dozens of functions may be called "init_once"),
 * bytes strike out wrong ones, and each relocation inside a function that is
 * settled tells the place of the section that it points into.  Repeated until
 * nothing more follows.  No guess is ever made: what stays open is not proven.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "object/canon.h"
#include "proof_priv.h"

static bool placeable(const struct elf_section *sec)
{
	enum section_kind kind = canon_section(sec);

	return (sec->flags & SHF_ALLOC) && !(sec->flags & SHF_MERGE) &&
	       (kind == SECTION_TEXT || kind == SECTION_DATA || kind == SECTION_ALT_AUX);
}

static bool is_function(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return sym->type == STT_FUNC && sym->size && sym->shndx && sym->shndx < ef->nr_sections &&
	       canon_section(&ef->sections[sym->shndx]) == SECTION_TEXT;
}

struct vote {
	uint64_t base;
	size_t count;
};

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Candidates for a section: the bases that most of its symbols allow.  (Not all:
 * a weak symbol's name leads to the one that overrode it.)
 */
static void find_candidates(struct solver *s, const struct elf_section *sec)
{
	struct section_place *p = &s->sections[sec->index];
	uint64_t found[MAX_CANDIDATES], *all = NULL;
	size_t nr = 0, best = 0;

	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *sym = &s->ef->symbols[sec->syms[i]];
		size_t n;

		/* Empty structs (lock_class_key) lie anywhere, many in one place. */
		if (!*sym->name || (sym->type == STT_OBJECT && !sym->size))
			continue;
		n = image_lookup(s->img, sym->name, sym->bind != STB_LOCAL, found, MAX_CANDIDATES);
		if (!n || n > MAX_CANDIDATES)
			continue;
		all = xreallocarray(all, nr + n, sizeof(*all));
		for (size_t j = 0; j < n; j++)
			all[nr++] = found[j] - sym->value;
	}
	if (!nr)
		return;
	qsort(all, nr, sizeof(*all), cmp_u64);
	for (size_t i = 0, j; i < nr; i = j) {
		for (j = i; j < nr && all[j] == all[i]; j++)
			;
		if (j - i < best)
			continue;
		if (j - i > best)
			p->nr_candidates = 0;
		best = j - i;
		all[p->nr_candidates++] = all[i];	/* never ahead of i */
	}
	p->candidates = all;
}

static void collect_jump_sites(struct solver *s)
{
	const struct elf_section *sec = elf_section(s->ef, "__jump_table");
	struct ref ref;

	if (!sec || !sec->nr_relocs)
		return;
	s->jump_sites = xcalloc(sec->nr_relocs, sizeof(*s->jump_sites));
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_symbol *sym = &s->ef->symbols[sec->relocs[i].sym];

		if (i % 3)	/* code, target, key */
			continue;
		canon_ref(s->ef, sec, &sec->relocs[i], &ref);
		if (ref.kind == REF_SYMBOL || ref.kind == REF_SECTION)
			s->jump_sites[s->nr_jump_sites++] = (uint64_t)sym->shndx << 40 |
				(sym->value + sec->relocs[i].addend);
	}
	qsort(s->jump_sites, s->nr_jump_sites, sizeof(*s->jump_sites), cmp_u64);
}

void solver_init(struct solver *s, const struct image *img, const struct elf_file *ef)
{
	*s = (struct solver){ .img = img, .ef = ef, .nr_sections = ef->nr_sections };
	s->sections = xcalloc(ef->nr_sections, sizeof(*s->sections));
	s->undef = xcalloc(ef->nr_symbols, sizeof(*s->undef));
	s->undef_known = xcalloc(ef->nr_symbols, sizeof(*s->undef_known));
	s->state = xcalloc(ef->nr_symbols, sizeof(*s->state));
	collect_jump_sites(s);
	for (size_t i = 1; i < ef->nr_sections; i++)
		if (placeable(&ef->sections[i]))
			find_candidates(s, &ef->sections[i]);
}

void solver_free(struct solver *s)
{
	for (size_t i = 0; s->sections && i < s->nr_sections; i++)
		free(s->sections[i].candidates);
	free(s->sections);
	free(s->undef);
	free(s->undef_known);
	free(s->state);
	free(s->jump_sites);
	*s = (struct solver){ 0 };
}

static bool settle(struct solver *s, uint32_t shndx, uint64_t base)
{
	struct section_place *p = &s->sections[shndx];

	if (p->settled)
		return false;
	p->settled = true;
	p->base = base;
	return true;
}

/* Bytes of the section's functions that are equal at @base. */
static void score(struct solver *s, const struct elf_section *sec, uint64_t base, uint64_t *out)
{
	int ret;

	*out = 0;
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *sym = &s->ef->symbols[sec->syms[i]];

		if (!is_function(s->ef, sym))
			continue;
		ret = check_function(s, sym, base, NULL, NULL);
		if (!ret)
			*out += sym->size;
	}
}

/* Strike out the candidates at which fewer bytes are equal than at the best. */
static int narrow(struct solver *s, const struct elf_section *sec)
{
	struct section_place *p = &s->sections[sec->index];
	uint64_t best = 0, n;
	size_t kept = 0;

	for (size_t i = 0; i < p->nr_candidates; i++) {
		score(s, sec, p->candidates[i], &n);
		if (!n || n < best)
			continue;
		if (n > best)
			kept = 0;
		best = n;
		p->candidates[kept++] = p->candidates[i];
	}
	/* Nothing fits: keep all, so that a message can show the difference. */
	if (kept)
		p->nr_candidates = kept;
	return kept == 1 && settle(s, sec->index, p->candidates[0]) ? 1 : 0;
}

static int take_claims(struct solver *s, const struct claims *claims)
{
	int progress = 0;

	for (size_t i = 0; i < claims->nr; i++) {
		const struct claim *c = &claims->list[i];

		if (c->sym) {
			s->undef[c->sym] = c->base;
			s->undef_known[c->sym] = true;
		} else if (claim_fits(s, c)) {
			progress |= settle(s, c->shndx, c->base);
		}
	}
	return progress;
}

/* The section's place is known: judge its functions, and learn from the equal ones. */
static int harvest(struct solver *s, const struct elf_section *sec)
{
	struct section_place *p = &s->sections[sec->index];
	int ret, progress = 0;

	p->checked = true;
	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *sym = &s->ef->symbols[sec->syms[i]];
		struct claims claims = { 0 };

		if (!is_function(s->ef, sym))
			continue;
		ret = check_function(s, sym, p->base, &claims, NULL);
		if (!ret)
			progress |= take_claims(s, &claims);
		free(claims.list);
		s->state[sym->index] = ret ? FUNCTION_DIFFERS : FUNCTION_PROVEN;
	}
	return progress;
}

/* Does it have a name from the source, not one that the compiler numbered? */
static bool has_real_name(const struct elf_file *ef, const struct elf_section *sec)
{
	char name[CANON_NAME_LEN];

	for (size_t i = 0; i < sec->nr_syms; i++) {
		const struct elf_symbol *sym = &ef->symbols[sec->syms[i]];

		canon_name(sym->name, name);
		if (*sym->name && !strcmp(name, sym->name))
			return true;
	}
	return false;
}

/*
 * Settled data whose name was unique is checked by the claims of all functions;
 * text isn't settled by name alone but by its bytes.  The only count.12 of the
 * kernel may be another unit's, so numbered names wait for a claim.
 */
static void settle_unique_data(struct solver *s)
{
	for (size_t i = 1; i < s->ef->nr_sections; i++) {
		const struct elf_section *sec = &s->ef->sections[i];
		struct section_place *p = &s->sections[i];

		if (p->nr_candidates == 1 && canon_section(sec) == SECTION_DATA &&
		    has_real_name(s->ef, sec))
			settle(s, i, p->candidates[0]);
	}
}

void solver_run(struct solver *s)
{
	int progress = 1, ret;

	settle_unique_data(s);
	while (progress) {
		progress = 0;
		for (size_t i = 1; i < s->ef->nr_sections; i++) {
			const struct elf_section *sec = &s->ef->sections[i];
			struct section_place *p = &s->sections[i];

			if (canon_section(sec) != SECTION_TEXT || p->checked)
				continue;
			ret = p->settled || !p->nr_candidates ? 0 : narrow(s, sec);
			if (ret > 0)
				progress = 1;
			if (p->settled)
				ret = harvest(s, sec);
			progress |= ret;
		}
	}
}

int solver_address(const struct solver *s, const struct elf_symbol *sym, uint64_t *addr)
{
	const struct section_place *p;

	if (!sym->shndx || sym->shndx >= s->ef->nr_sections) {
		if (!s->undef_known[sym->index])
			return -ENOENT;
		*addr = s->undef[sym->index];
		return 0;
	}
	p = &s->sections[sym->shndx];
	if (!p->settled)
		return -ENOENT;
	*addr = p->base + sym->value;
	return 0;
}
