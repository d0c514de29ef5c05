// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_defs.c - which unit of the fix defines a name.
 *
 * Asked at each reference to what a unit leaves undefined; a fix of hundreds of units
 * has a million symbols, so they are found by a hash of their names.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "extract_priv.h"
#include "prove/proof.h"
#include "quietpatch.h"

struct def {
	const char *name;
	uint32_t unit, sym;
	uint32_t next;		/* in its chain: index + 1, 0 = none */
};

struct defs {
	struct def *list;
	uint32_t *chains;	/* index + 1 of the first */
	uint32_t mask;		/* their number - 1 */
};

static bool is_def(const struct elf_symbol *s)
{
	return s->shndx && *s->name;
}

/* From the last to the first: each goes to the head of its chain, which is then in the order of units and symbols. */
static void fill(struct defs *d, const struct extract *x)
{
	uint32_t nr = 0;

	for (size_t i = x->nr_units; i-- > 0;) {
		const struct elf_file *ef = x->units[i].ef;

		for (size_t n = ef->nr_symbols; n-- > 1;) {
			const struct elf_symbol *s = &ef->symbols[n];
			uint32_t *head;

			if (!is_def(s))
				continue;
			head = &d->chains[fnv1a_name(s->name) & d->mask];
			d->list[nr] = (struct def){ s->name, (uint32_t)i, (uint32_t)n, *head };
			*head = ++nr;
		}
		proven_rest(x->units[i].u);
	}
}

void defs_init(struct extract *x)
{
	size_t nr = 1, chains = 1;
	struct defs *d = xcalloc(1, sizeof(*d));

	x->defs = d;
	for (size_t i = 0; i < x->nr_units; i++)
		nr += x->units[i].ef->nr_symbols;
	while (chains < nr && chains < 1u << 24)
		chains *= 2;
	if (nr < UINT32_MAX) {
		d->mask = (uint32_t)chains - 1;
		d->list = xcalloc(nr, sizeof(*d->list));
		d->chains = xcalloc(chains, sizeof(*d->chains));
	}
	fill(d, x);
}

void defs_free(struct defs *d)
{
	if (!d)
		return;
	free(d->list);
	free(d->chains);
	free(d);
}

static const struct def *first_in(const struct defs *d, uint32_t at, const char *name)
{
	for (; at; at = d->list[at - 1].next)
		if (!strcmp(d->list[at - 1].name, name))
			return &d->list[at - 1];
	return NULL;
}

bool defs_have(const struct extract *x, const char *name)
{
	return x->defs && first_in(x->defs, x->defs->chains[fnv1a_name(name) & x->defs->mask], name);
}

static bool has_symbol(const struct elf_file *ef, const char *prefix, const char *name)
{
	size_t n = strlen(prefix);

	for (size_t i = 1; i < ef->nr_symbols; i++)
		if (!strncmp(ef->symbols[i].name, prefix, n) && !strcmp(ef->symbols[i].name + n, name))
			return true;
	return false;
}

/*
 * What one object calls by a name is another object's only if that exports it; a module
 * reaches vmlinux's by their addresses, if it has no such name for itself.
 */
static bool is_seen(const struct xunit *xu, const struct xunit *o, const char *name)
{
	return has_symbol(o->ef, "__ksymtab_", name) || has_symbol(o->ef, "__export_symbol_", name) ||
	       (!strcmp(o->u->object, QP_VMLINUX) && !proof_has_global(xu->u, name));
}

bool defs_elsewhere(const struct xunit *xu, const char *name, struct xunit **other,
		    const struct elf_symbol **def)
{
	const struct extract *x = xu->x;
	const struct def *p = first_in(x->defs, x->defs->chains[fnv1a_name(name) & x->defs->mask], name);
	uint32_t seen = UINT32_MAX;	/* a unit's first one counts */
	bool found = false;

	for (; p; p = first_in(x->defs, p->next, name)) {
		struct xunit *o = &x->units[p->unit];
		const struct elf_symbol *s = &o->ef->symbols[p->sym];
		bool own = !strcmp(xu->u->object, o->u->object);

		if (o != xu && p->unit != seen && s->bind != STB_LOCAL && s->shndx < o->ef->nr_sections &&
		    (own || (!found && is_seen(xu, o, name)))) {
			*other = o;
			*def = s;
			found = true;
			if (own)
				break;
		}
		seen = p->unit;
	}
	return found;
}
