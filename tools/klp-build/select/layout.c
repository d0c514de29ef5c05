// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * layout.c - does a struct whose declaration changes keep its layout?
 *
 *	struct dst_entry {
 *		union { struct net_device *dev; struct net_device __rcu *dev_rcu; };
 *
 * is used by 1,392 units, of which those that the fix changes are a few.  The
 * others can't name what is new in it, and all that they name is where it was,
 * with the type that it had.  So one unit's debug information tells for all:
 * the struct depends on nothing but the configuration (layout_text.c looks at
 * its text).  What changes besides it in the header, an inline function or a
 * macro, reaches its units by its own name, as ever.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/xalloc.h"
#include "layout.h"
#include "object/types_dwarf.h"

void layouts_add(struct layouts *l, const char *tag, size_t len, bool is_union, const char *path,
		 struct strings *words)
{
	l->list = xgrow(l->list, l->nr, sizeof(*l->list));
	l->list[l->nr++] = (struct layout){
		.tag = xstrndup(tag, len), .path = xstrdup(path), .is_union = is_union, .words = *words,
	};
	*words = (struct strings){ 0 };
}

bool layouts_have(const struct layouts *l, const char *tag, size_t len)
{
	for (size_t i = 0; i < l->nr; i++)
		if (strlen(l->list[i].tag) == len && !memcmp(l->list[i].tag, tag, len))
			return true;
	return false;
}

void layouts_free(struct layouts *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->nr; i++) {
		free(l->list[i].tag);
		free(l->list[i].path);
		strings_free(&l->list[i].words);
	}
	free(l->list);
	*l = (struct layouts){ 0 };
}

bool layouts_kept(const struct layouts *l)
{
	for (size_t i = 0; l && i < l->nr; i++)
		if (l->list[i].state != LAYOUT_KEPT)
			return false;
	return l && l->nr;
}

static const struct type_part *part_named(const struct type_info *t, const char *name)
{
	for (size_t i = 0; i < t->nr_parts; i++)
		if (!strcmp(t->parts[i].name, name))
			return &t->parts[i];
	return NULL;
}

static bool same_place(const struct type_part *p, const struct type_part *q)
{
	return p->offset == q->offset && p->bits == q->bits && p->type == q->type;
}

/* Each member of @a is in @b: under its name, or under one that @a doesn't have. */
static bool all_found(const struct type_info *a, const struct type_info *b)
{
	for (size_t i = 0; i < a->nr_parts; i++) {
		const struct type_part *p = &a->parts[i], *q = part_named(b, p->name);
		bool found = false;

		/* Unnamed ones can't be followed. */
		if (!*p->name || (q && !same_place(p, q)))
			return false;
		for (size_t k = 0; k < b->nr_parts && !found; k++)
			found = same_place(p, &b->parts[k]);
		if (!found)
			return false;
	}
	return true;
}

/* An initialiser without names goes by the order. */
static bool same_order(const struct type_info *a, const struct type_info *b)
{
	size_t k = 0;

	for (size_t i = 0; i < a->nr_parts; i++) {
		const struct type_part *q = part_named(b, a->parts[i].name);

		if (!q)
			continue;
		if ((size_t)(q - b->parts) < k)
			return false;
		k = (size_t)(q - b->parts);
	}
	return true;
}

bool layout_equal(const struct type_info *old, const struct type_info *now)
{
	return old->kind == now->kind && old->size == now->size && old->type == now->type &&
	       all_found(old, now) && all_found(now, old) && same_order(old, now);
}

static const struct type_info *find(const struct types *t, const struct layout *l)
{
	enum type_kind kind = l->is_union ? TYPE_UNION : TYPE_STRUCT;

	for (size_t i = 0; i < t->nr; i++)
		if (t->list[i].kind == kind && !strcmp(t->list[i].name, l->tag))
			return &t->list[i];
	return NULL;
}

/* Of this header, not another type of that name. */
static bool is_of(const struct type_info *t, const struct layout *l)
{
	char path[256];

	dwarf_tree_path(t->file ? t->file : "", path, sizeof(path));
	return !strcmp(path, l->path);
}

static bool is_type(const struct types *t, const char *name)
{
	for (size_t i = 0; i < t->nr; i++)
		if (t->list[i].kind != TYPE_FUNCTION && !strcmp(t->list[i].name, name))
			return true;
	for (size_t i = 0; i < t->nr_typedefs; i++)
		if (!strcmp(t->typedefs[i], name))
			return true;
	return false;
}

/* Any other word may be a macro, with an attribute in it that debug information doesn't show: packed. */
static bool words_known(const struct layout *l, const struct type_info *old, const struct type_info *now,
			const struct types *t)
{
	for (size_t i = 0; i < l->words.nr; i++) {
		const char *w = l->words.list[i];

		if (!part_named(old, w) && !part_named(now, w) && !is_type(t, w))
			return false;
	}
	return true;
}

static void settle(struct layout *l, const struct types *a, const struct types *b)
{
	const struct type_info *old = find(a, l), *now = find(b, l);

	if (!old || !now || !is_of(old, l) || !is_of(now, l))
		return;
	l->state = layout_equal(old, now) && words_known(l, old, now, b) ? LAYOUT_KEPT : LAYOUT_CHANGED;
}

static int settle_unit(struct layouts *l, const struct unit *u, struct klp_err *err)
{
	struct types_pair p;
	int ret = types_open(u, true, &p, err);

	if (ret)
		return ret;
	for (size_t i = 0; i < l->nr; i++)
		if (l->list[i].state == LAYOUT_UNKNOWN)
			settle(&l->list[i], &p.orig, &p.patched);
	types_close(&p);
	return 0;
}

bool layouts_settled(const struct layouts *l)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->list[i].state == LAYOUT_UNKNOWN)
			return false;
	return true;
}

int layouts_settle(const struct build *b, const struct unit *units, size_t nr, struct klp_err *err)
{
	for (size_t i = 0; b->layouts && i < nr && !layouts_settled(b->layouts); i++) {
		int ret = settle_unit(b->layouts, &units[i], err);

		if (ret) {
			klp_err_wrap(err, "cannot compare the types of %s", units[i].source);
			return ret;
		}
	}
	return 0;
}
