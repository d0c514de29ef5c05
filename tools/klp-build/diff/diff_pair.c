// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff_pair.c - which symbol of the patched object is which of the original?
 *
 * Names decide where they can.  GCC numbers static locals in the order that it
 * meets them, so one more `static int count` in the file renames the others:
 * among names that are equal up to the numbers, content and users decide.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "diff_priv.h"

struct candidate {
	uint32_t sym;
	uint8_t class;		/* functions, data, labels are never each other's match */
	bool numbered;		/* the canonical name isn't the name */
	char *key;		/* canonical name */
	uint64_t users;		/* digest of the names of those that use it; 0 = none */
	uint32_t seq;		/* of its first use */
};

struct candidates {
	struct candidate *list;
	size_t nr;
};

static uint8_t class_of(const struct elf_symbol *sym)
{
	switch (sym->type) {
	case STT_FUNC:
		return 1;
	case STT_OBJECT:
		return 2;
	case STT_NOTYPE:
		return 3;
	default:
		return 0;
	}
}

static int cmp_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	c = strcmp(x->key, y->key);
	if (c)
		return c;
	if (x->seq != y->seq)
		return x->seq < y->seq ? -1 : 1;
	return x->sym < y->sym ? -1 : x->sym > y->sym;
}

/* foo.isra.0.cold and foo.part.1 are foo to what they use. */
static uint64_t user_digest(const struct elf_symbol *sym)
{
	const char *name = sym->name;

	return fnv1a(FNV1A_START, name, *name ? 1 + strcspn(name + 1, ".") : 0);
}

/* The sum over distinct users doesn't depend on their order. */
static void describe_users(const struct diff_object *d, struct candidate *c)
{
	size_t first, end = diff_uses(d, c->sym, &first);

	c->seq = first < end ? d->uses[first].seq : UINT32_MAX;
	for (size_t i = first; i < end; i++) {
		uint64_t h = user_digest(&d->ef->symbols[d->uses[i].by]);
		bool seen = !d->uses[i].by;

		for (size_t j = first; j < i && !seen; j++)
			seen = d->uses[j].by &&
			       user_digest(&d->ef->symbols[d->uses[j].by]) == h;
		if (!seen)
			c->users += h;
	}
}

static bool share_user(const struct diff_object *o, uint32_t osym,
		       const struct diff_object *n, uint32_t nsym)
{
	size_t i, j, iend = diff_uses(o, osym, &i), jfirst, jend = diff_uses(n, nsym, &jfirst);

	for (; i < iend; i++) {
		uint64_t h = user_digest(&o->ef->symbols[o->uses[i].by]);

		for (j = jfirst; o->uses[i].by && j < jend; j++)
			if (n->uses[j].by && user_digest(&n->ef->symbols[n->uses[j].by]) == h)
				return true;
	}
	return false;
}

static void collect(const struct diff_object *d, struct candidates *out)
{
	const struct elf_file *ef = d->ef;

	out->list = xcalloc(ef->nr_symbols, sizeof(*out->list));
	for (size_t i = 1; i < ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &ef->symbols[i];
		struct candidate c = { .sym = i, .class = class_of(sym) };
		char key[CANON_NAME_LEN];

		if (!c.class || !*sym->name || !sym->shndx || sym->shndx >= ef->nr_sections)
			continue;
		canon_name(sym->name, key);
		c.key = xstrdup(key);
		c.numbered = strcmp(key, sym->name);
		describe_users(d, &c);
		out->list[out->nr++] = c;
	}
	qsort(out->list, out->nr, sizeof(*out->list), cmp_candidates);
}

static void discard(struct candidates *c)
{
	for (size_t i = 0; i < c->nr; i++)
		free(c->list[i].key);
	free(c->list);
}

/* Ever weaker reasons to take two equally named symbols for one. */
enum evidence {
	SAME_CONTENT_AND_USERS,
	SAME_CONTENT_SHARED_USER,
	SAME_SIZE_SHARED_USER,
	SAME_CONTENT_ONLY,
	NAME_ONLY,
	NR_EVIDENCE,
};

static bool is_generated(const struct diff_object *d, const struct candidate *c)
{
	return canon_is_generated(d->ef, &d->ef->symbols[c->sym]);
}

static bool agrees(const struct diff_object *o, const struct candidate *a,
		   const struct diff_object *n, const struct candidate *b, enum evidence e)
{
	const struct elf_symbol *x = &o->ef->symbols[a->sym], *y = &n->ef->symbols[b->sym];
	bool generated = is_generated(o, a);
	bool content = o->hash[a->sym] == n->hash[b->sym] && x->size == y->size;

	switch (e) {
	case SAME_CONTENT_AND_USERS:
		return content && a->users == b->users;
	case SAME_CONTENT_SHARED_USER:
		return content && share_user(o, a->sym, n, b->sym);
	case SAME_SIZE_SHARED_USER:
		return !generated && x->size == y->size && share_user(o, a->sym, n, b->sym);
	case SAME_CONTENT_ONLY:	/* constants: any equal one will do */
		return content && (generated || (!a->users && !b->users));
	case NAME_ONLY:
		return !generated && x->type != STT_OBJECT && !strcmp(x->name, y->name);
	case NR_EVIDENCE:
		break;
	}
	return false;
}

static size_t unpaired(const struct diff_object *d, const struct candidate *c, size_t nr,
		       size_t *last)
{
	size_t n = 0;

	for (size_t i = 0; i < nr; i++) {
		if (d->other[c[i].sym])
			continue;
		*last = i;
		n++;
	}
	return n;
}

static void link_pair(struct diff_object *o, const struct candidate *a,
		      struct diff_object *n, const struct candidate *b)
{
	o->other[a->sym] = b->sym;
	n->other[b->sym] = a->sym;
}

/* All symbols of one canonical name. */
static void pair_group(struct diff_object *o, const struct candidate *a, size_t na,
		       struct diff_object *n, const struct candidate *b, size_t nb)
{
	size_t i, j;

	if (na == 1 && nb == 1 && (!a->numbered || a->class == 1) && !is_generated(o, a)) {
		link_pair(o, a, n, b);
		return;
	}
	for (enum evidence e = 0; e < NR_EVIDENCE; e++) {
		for (i = 0; i < na; i++) {
			for (j = 0; j < nb && !o->other[a[i].sym]; j++)
				if (!n->other[b[j].sym] && agrees(o, &a[i], n, &b[j], e))
					link_pair(o, &a[i], n, &b[j]);
		}
	}
	/* One left on each side: its user was inlined elsewhere, or it changed. */
	if (unpaired(o, a, na, &i) == 1 && unpaired(n, b, nb, &j) == 1 && !is_generated(o, &a[i]))
		link_pair(o, &a[i], n, &b[j]);
}

static size_t group_end(const struct candidates *c, size_t i)
{
	size_t j = i;

	while (j < c->nr && c->list[j].class == c->list[i].class &&
	       !strcmp(c->list[j].key, c->list[i].key))
		j++;
	return j;
}

static int cmp_groups(const struct candidate *a, const struct candidate *b)
{
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return strcmp(a->key, b->key);
}

void diff_pair(struct diff_object *o, struct diff_object *n)
{
	struct candidates a = { 0 }, b = { 0 };
	size_t i = 0, j = 0;

	collect(o, &a);
	collect(n, &b);
	while (i < a.nr && j < b.nr) {
		int c = cmp_groups(&a.list[i], &b.list[j]);
		size_t iend = group_end(&a, i), jend = group_end(&b, j);

		if (!c)
			pair_group(o, a.list + i, iend - i, n, b.list + j, jend - j);
		if (c <= 0)
			i = iend;
		if (c >= 0)
			j = jend;
	}
	discard(&a);
	discard(&b);
}
