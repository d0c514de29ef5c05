// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * diff.c - the pass that finds what a fix changed: functions and data of each
 * unit, from the raw compiler output of the original and the patched source.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/xalloc.h"
#include "diff_priv.h"

static void append(struct unit *u, const struct diff_symbol *ds)
{
	u->symbols = xgrow(u->symbols, u->nr_symbols, sizeof(*u->symbols));
	u->symbols[u->nr_symbols++] = *ds;
}

static bool counts(const struct elf_file *ef, const struct elf_symbol *sym)
{
	return (diff_is_function(ef, sym) || diff_is_data(ef, sym)) && diff_is_primary(ef, sym);
}

static const struct elf_symbol *primary(const struct elf_file *ef, const struct elf_symbol *sym)
{
	const struct elf_symbol *p = elf_symbol_at(ef, sym->shndx, sym->value);

	return p ? p : sym;
}

/*
 * Aliases share one place; whichever of them has a match gives it to the
 * primary one (the order of aliases in the symbol table isn't fixed).
 */
static const struct elf_symbol *match_of(const struct diff_object *from,
					 const struct diff_object *to,
					 const struct elf_symbol *sym)
{
	const struct elf_section *sec = &from->ef->sections[sym->shndx];

	if (from->other[sym->index])
		return primary(to->ef, &to->ef->symbols[from->other[sym->index]]);
	for (size_t i = 0; i < sec->nr_syms; i++) {
		uint32_t alias = sec->syms[i];

		if (from->ef->symbols[alias].value == sym->value &&
		    from->ef->symbols[alias].type == sym->type && from->other[alias])
			return primary(to->ef, &to->ef->symbols[from->other[alias]]);
	}
	return NULL;
}

static void list_symbols(const struct diff_object *o, const struct diff_object *n, struct unit *u)
{
	for (size_t i = 1; i < o->ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &o->ef->symbols[i], *other;
		struct diff_symbol ds = { .orig = sym };

		if (!counts(o->ef, sym))
			continue;
		other = match_of(o, n, sym);
		if (other && other->type != sym->type)
			other = NULL;
		ds.patched = other;
		ds.has_fentry = o->fentry[i];
		if (!other)
			ds.change = CHANGE_GONE;
		else if (!diff_same(o, i, n, other->index))
			ds.change = CHANGE_CHANGED;
		append(u, &ds);
	}
	for (size_t i = 1; i < n->ef->nr_symbols; i++) {
		const struct elf_symbol *sym = &n->ef->symbols[i], *other;
		struct diff_symbol ds = { .patched = sym, .change = CHANGE_NEW };

		if (!counts(n->ef, sym))
			continue;
		other = match_of(n, o, sym);
		if (other && other->type == sym->type) {
			if (match_of(o, n, other) == sym)
				continue;
			/* Was one with another symbol's code; diff_verdicts() looks at such. */
			ds.orig = other;
			ds.change = diff_same(o, other->index, n, i) ? CHANGE_SAME : CHANGE_CHANGED;
		}
		ds.has_fentry = ds.orig ? o->fentry[other->index] : n->fentry[i];
		append(u, &ds);
	}
}

/* The function that a .cold part was split off: same name up to ".cold". */
static struct diff_symbol *parent_of_cold(struct unit *u, const struct diff_symbol *cold)
{
	const char *name = cold->orig ? cold->orig->name : cold->patched->name;
	size_t len = strstr(name, ".cold") - name;

	for (size_t i = 0; i < u->nr_symbols; i++) {
		struct diff_symbol *ds = &u->symbols[i];
		const struct elf_symbol *s = cold->orig ? ds->orig : ds->patched;

		if (s && s->type == STT_FUNC && !strncmp(s->name, name, len) && !s->name[len])
			return ds;
	}
	return NULL;
}

/* A function and its .cold part change together. */
static void join_cold_parts(struct unit *u)
{
	for (size_t i = 0; i < u->nr_symbols; i++) {
		struct diff_symbol *cold = &u->symbols[i], *parent;
		const struct elf_symbol *s = cold->orig ? cold->orig : cold->patched;

		if (s->type != STT_FUNC || !canon_is_cold(s->name))
			continue;
		parent = parent_of_cold(u, cold);
		if (!parent)
			continue;
		if (cold->change != CHANGE_SAME && parent->change == CHANGE_SAME)
			parent->change = CHANGE_CHANGED;
		else if (cold->change == CHANGE_SAME && parent->change == CHANGE_CHANGED)
			cold->change = CHANGE_CHANGED;
	}
}

int unit_diff(struct unit *u, struct report *r, struct klp_err *err)
{
	struct diff_object o = { 0 }, n = { 0 };
	int ret;

	free(u->symbols);
	u->symbols = NULL;
	u->nr_symbols = 0;
	ret = diff_index(u->orig, &o, err);
	if (!ret)
		ret = diff_index(u->patched, &n, err);
	if (!ret)
		diff_pair(&o, &n);
	if (!ret) {
		list_symbols(&o, &n, u);
		join_cold_parts(u);
		diff_verdicts(&o, &n, u, r);
	}
	if (!ret) {
		join_cold_parts(u);	/* of promoted callers */
		diff_places(&o, &n, u, r);
		diff_tables(&o, &n, u, r);
		ret = diff_residuals(&o, &n, u, r, err);
	}
	diff_index_free(&o);
	diff_index_free(&n);
	return ret;
}

int units_diff(struct build *b, struct klp_err *err)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		int ret;

		b->units[i].allow_data = b->allow_data;
		b->units[i].target = b->target;
		ret = unit_diff(&b->units[i], b->report, err);
		if (ret) {
			klp_err_wrap(err, "cannot compare the two builds of %s",
				     b->units[i].source);
			return ret;
		}
		unit_rest(&b->units[i]);
	}
	return 0;
}

static bool same_place(const struct elf_symbol *a, const struct elf_symbol *b)
{
	return a->shndx == b->shndx && a->value == b->value;
}

static const struct diff_symbol *listed(const struct unit *u, const struct elf_symbol *patched)
{
	for (size_t i = 0; i < u->nr_symbols; i++)
		if (u->symbols[i].patched == patched)
			return &u->symbols[i];
	/* An alias: its primary symbol is listed. */
	for (size_t i = 0; i < u->nr_symbols; i++)
		if (u->symbols[i].patched && same_place(u->symbols[i].patched, patched))
			return &u->symbols[i];
	return NULL;
}

const struct elf_symbol *diff_match(const struct unit *u, const struct elf_symbol *patched)
{
	const struct diff_symbol *ds = listed(u, patched);

	return ds ? ds->orig : NULL;
}

const struct elf_symbol *diff_origin(const struct unit *u, const struct elf_symbol *patched,
				     const struct unit **where)
{
	const struct diff_symbol *ds = listed(u, patched);

	*where = ds && ds->moved ? ds->moved : u;
	if (ds && ds->moved)
		return ds->moved->symbols[ds->moved_index].orig;
	return ds ? ds->orig : NULL;
}

const struct elf_symbol *diff_successor(const struct unit *u, const struct diff_symbol *d,
					const struct unit **where)
{
	*where = d->moved ? d->moved : u;
	return d->moved ? d->moved->symbols[d->moved_index].patched : d->patched;
}
