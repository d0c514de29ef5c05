// SPDX-License-Identifier: GPL-2.0-or-later
/* types_dwarf.c - see types_dwarf.h. */
#include <dwarf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/hash.h"
#include "base/xalloc.h"
#include "debuginfo.h"
#include "types_dwarf.h"

#define MAX_DEPTH 40		/* of anonymous types, arrays, pointers within each other */

/* Digests by DIE offset: types are referred to far more often than there are any. */
struct cache {
	Dwarf_Off *off;
	uint64_t *digest;
	size_t size, used;	/* size is a power of two */
};

struct loader {
	struct cache cache;
	struct types *types;
	bool strict;
	/* While in a function: its name, where its DIEs lie, and which of its types are listed. */
	const char *scope;
	Dwarf_Off scope_from, scope_to;
	Dwarf_Off *seen;
	size_t nr_seen;
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
	h *= 0xff51afd7ed558ccdull;
	return h ^ h >> 33;
}

static uint64_t mix_string(uint64_t h, const char *s)
{
	return mix(s ? fnv1a(h, s, strlen(s)) : h, 1);
}

static bool cache_get(const struct cache *c, Dwarf_Off off, uint64_t *digest)
{
	if (!c->size)
		return false;
	for (size_t i = mix(0, off) & (c->size - 1); c->off[i]; i = (i + 1) & (c->size - 1)) {
		if (c->off[i] == off) {
			*digest = c->digest[i];
			return true;
		}
	}
	return false;
}

static void cache_grow(struct cache *c)
{
	struct cache big = { .size = c->size ? 2 * c->size : 4096, .used = c->used };

	big.off = xcalloc(big.size, sizeof(*big.off));
	big.digest = xcalloc(big.size, sizeof(*big.digest));
	for (size_t i = 0; i < c->size; i++) {
		size_t j = mix(0, c->off[i]) & (big.size - 1);

		if (!c->off[i])
			continue;
		while (big.off[j])
			j = (j + 1) & (big.size - 1);
		big.off[j] = c->off[i];
		big.digest[j] = c->digest[i];
	}
	free(c->off);
	free(c->digest);
	*c = big;
}

static void cache_put(struct cache *c, Dwarf_Off off, uint64_t digest)
{
	size_t i;

	if (2 * c->used >= c->size)
		cache_grow(c);
	i = mix(0, off) & (c->size - 1);
	while (c->off[i])
		i = (i + 1) & (c->size - 1);
	c->off[i] = off;
	c->digest[i] = digest;
	c->used++;
}

static bool attr_u64(Dwarf_Die *die, unsigned int name, uint64_t *out)
{
	Dwarf_Attribute attr;
	Dwarf_Word v;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &v))
		return false;
	*out = v;
	return true;
}

/* False: void. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, out);
}

static bool is_composite(int tag)
{
	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static uint64_t digest(struct loader *l, Dwarf_Die *die, int depth);

static uint64_t digest_of_type(struct loader *l, Dwarf_Die *die, int depth)
{
	Dwarf_Die type;

	return type_of(die, &type) ? digest(l, &type, depth + 1) : mix(0, 'v');
}

/* Children of @die that have a type: members, parameters; array bounds. */
static uint64_t digest_children(struct loader *l, Dwarf_Die *die, uint64_t h, int depth)
{
	uint64_t v;
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return h;
	do {
		h = mix(h, dwarf_tag(&child));
		if (dwarf_tag(&child) == DW_TAG_subrange_type) {
			if (attr_u64(&child, DW_AT_upper_bound, &v) ||
			    attr_u64(&child, DW_AT_count, &v))
				h = mix(h, v);
			continue;
		}
		if (dwarf_tag(&child) == DW_TAG_member) {
			h = mix_string(h, dwarf_diename(&child));
			h = mix(h, attr_u64(&child, DW_AT_data_member_location, &v) ? v : 0);
			h = mix(h, attr_u64(&child, DW_AT_data_bit_offset, &v) ? v : 0);
			h = mix(h, attr_u64(&child, DW_AT_bit_size, &v) ? v : 0);
		}
		h = mix(h, digest_of_type(l, &child, depth));
	} while (!dwarf_siblingof(&child, &child));
	return h;
}

static uint64_t digest_uncached(struct loader *l, Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	int tag = dwarf_tag(die);
	uint64_t h = mix(0, tag), v;
	Dwarf_Die type;

	switch (tag) {
	case DW_TAG_base_type:
		h = mix(h, attr_u64(die, DW_AT_byte_size, &v) ? v : 0);
		return l->strict ? mix(h, attr_u64(die, DW_AT_encoding, &v) ? v : 0) : h;
	case DW_TAG_const_type:
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
		return l->strict ? mix(h, digest_of_type(l, die, depth)) : digest_of_type(l, die, depth);
	case DW_TAG_typedef:
		/* It may carry an alignment of its own. */
		if (l->strict && attr_u64(die, DW_AT_alignment, &v))
			return mix(mix(h, v), digest_of_type(l, die, depth));
		/* typedef struct { ... } name: the name is all that tells it. */
		if (type_of(die, &type) && is_composite(dwarf_tag(&type)) && !dwarf_diename(&type))
			return mix_string(mix(0, dwarf_tag(&type)), name);
		return digest_of_type(l, die, depth);
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		return name ? mix_string(h, name) : digest_children(l, die, h, depth);
	case DW_TAG_enumeration_type:	/* an integer; its values are compared by themselves */
		if (l->strict)
			h = mix_string(h, name);
		else
			h = mix(0, DW_TAG_base_type);
		return mix(h, attr_u64(die, DW_AT_byte_size, &v) ? v : 4);
	case DW_TAG_subroutine_type:
	case DW_TAG_array_type:
		return digest_children(l, die, mix(h, digest_of_type(l, die, depth)), depth);
	default:		/* pointers */
		return mix(h, digest_of_type(l, die, depth));
	}
}

static uint64_t digest(struct loader *l, Dwarf_Die *die, int depth)
{
	Dwarf_Off off = dwarf_dieoffset(die);
	uint64_t h;

	if (depth > MAX_DEPTH)
		return 0;
	if (cache_get(&l->cache, off, &h))
		return h;
	h = digest_uncached(l, die, depth);
	cache_put(&l->cache, off, h);
	return h;
}

static void add_part(struct type_info *t, const struct type_part *part)
{
	t->parts = xgrow(t->parts, t->nr_parts, sizeof(*t->parts));
	t->parts[t->nr_parts++] = *part;
}

static void add_members(struct loader *l, struct type_info *t, Dwarf_Die *die, uint64_t base,
			int depth)
{
	Dwarf_Die child, type;
	uint64_t v;

	if (depth > MAX_DEPTH || dwarf_child(die, &child))
		return;
	do {
		struct type_part part = { .offset = base };

		if (dwarf_tag(&child) != DW_TAG_member || !type_of(&child, &type))
			continue;
		if (attr_u64(&child, DW_AT_data_member_location, &v))
			part.offset += 8 * v;
		if (attr_u64(&child, DW_AT_data_bit_offset, &v))
			part.offset += v;
		if (attr_u64(&child, DW_AT_bit_size, &v))
			part.bits = v;
		part.name = dwarf_diename(&child);
		if (!part.name && is_composite(dwarf_tag(&type))) {
			add_members(l, t, &type, part.offset, depth + 1);
			continue;
		}
		part.name = part.name ? part.name : "";
		part.type = digest(l, &type, 0);
		if (l->strict && attr_u64(&child, DW_AT_alignment, &v))
			part.type = mix(part.type, v);
		add_part(t, &part);
	} while (!dwarf_siblingof(&child, &child));
}

static void add_enumerator(struct type_info *t, Dwarf_Die *die)
{
	struct type_part part = { .name = dwarf_diename(die) };
	Dwarf_Attribute attr;
	Dwarf_Sword s;

	if (dwarf_tag(die) != DW_TAG_enumerator || !part.name)
		return;
	if (dwarf_attr(die, DW_AT_const_value, &attr) && !dwarf_formsdata(&attr, &s))
		part.offset = s;
	add_part(t, &part);
}

static void add_enumerators(struct type_info *t, Dwarf_Die *die)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return;
	do {
		add_enumerator(t, &child);
	} while (!dwarf_siblingof(&child, &child));
}

static void add_parameters(struct loader *l, struct type_info *t, Dwarf_Die *die)
{
	Dwarf_Die child;

	t->type = digest_of_type(l, die, 0);
	if (dwarf_child(die, &child))
		return;
	do {
		struct type_part part = { .name = "" };

		if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
			t->variadic = true;
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		part.type = digest_of_type(l, &child, 0);
		add_part(t, &part);
	} while (!dwarf_siblingof(&child, &child));
}

static void add_type(struct loader *l, Dwarf_Die *die, enum type_kind kind, const char *name,
		     Dwarf_Die *where)
{
	struct type_info t = { .kind = kind, .name = name, .scope = l->scope };
	int line;

	l->types->list = xgrow(l->types->list, l->types->nr, sizeof(*l->types->list));
	attr_u64(die, DW_AT_byte_size, &t.size);
	if (dwarf_tag(die) == DW_TAG_enumerator)
		add_enumerator(&t, die);
	else if (kind == TYPE_ENUM)
		add_enumerators(&t, die);
	else if (kind == TYPE_FUNCTION)
		add_parameters(l, &t, die);
	else
		add_members(l, &t, die, 0, 0);
	if (l->strict && kind != TYPE_FUNCTION)
		attr_u64(die, DW_AT_alignment, &t.type);
	t.file = dwarf_decl_file(where);
	if (!dwarf_decl_line(where, &line))
		t.line = line;
	l->types->list[l->types->nr++] = t;
}

static void add_typedef(struct loader *l, const char *name)
{
	struct types *t = l->types;

	t->typedefs = xgrow(t->typedefs, t->nr_typedefs, sizeof(*t->typedefs));
	t->typedefs[t->nr_typedefs++] = name;
}

/* Each enumerator of an anonymous enum stands for itself. */
static void add_anonymous_enum(struct loader *l, Dwarf_Die *die)
{
	Dwarf_Die child;

	if (dwarf_child(die, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_enumerator && dwarf_diename(&child))
			add_type(l, &child, TYPE_ENUM, dwarf_diename(&child), die);
	} while (!dwarf_siblingof(&child, &child));
}

/* What @die's type comes to: without qualifiers, names for it, arrays and pointers. */
static bool base_type(Dwarf_Die *die, Dwarf_Die *out)
{
	Dwarf_Die type;

	for (bool more = type_of(die, &type); more; more = type_of(&type, &type)) {
		switch (dwarf_tag(&type)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_array_type:
		case DW_TAG_pointer_type:
			break;
		default:
			*out = type;
			return true;
		}
	}
	return false;
}

static bool is_local(const struct loader *l, Dwarf_Die *die)
{
	Dwarf_Off off = dwarf_dieoffset(die);

	return l->scope && off > l->scope_from && off < l->scope_to;
}

/* False: it was seen before. */
static bool note_seen(struct loader *l, Dwarf_Die *die)
{
	Dwarf_Off off = dwarf_dieoffset(die);

	for (size_t i = 0; i < l->nr_seen; i++)
		if (l->seen[i] == off)
			return false;
	l->seen = xgrow(l->seen, l->nr_seen, sizeof(*l->seen));
	l->seen[l->nr_seen++] = off;
	return true;
}

/* The function's own types that a value of type @type is made of, or points to. */
static void add_local_types(struct loader *l, Dwarf_Die *type, int depth)
{
	const char *name = dwarf_diename(type);
	int tag = dwarf_tag(type);
	Dwarf_Die child, base;

	if (depth > MAX_DEPTH || !is_local(l, type) || dwarf_hasattr(type, DW_AT_declaration) ||
	    !note_seen(l, type))
		return;
	if (tag == DW_TAG_enumeration_type && name)
		add_type(l, type, TYPE_ENUM, name, type);
	else if (tag == DW_TAG_enumeration_type)
		add_anonymous_enum(l, type);
	if (!is_composite(tag))
		return;
	if (name)
		add_type(l, type, tag == DW_TAG_union_type ? TYPE_UNION : TYPE_STRUCT, name, type);
	if (dwarf_child(type, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_member && base_type(&child, &base))
			add_local_types(l, &base, depth + 1);
	} while (!dwarf_siblingof(&child, &child));
}

/* A static location: DW_OP_addr, and nothing else that gcc emits for one. */
static bool has_address(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Block block;

	return dwarf_attr(die, DW_AT_location, &attr) && !dwarf_formblock(&attr, &block) &&
	       block.length && block.data[0] == DW_OP_addr;
}

static void add_variable(struct loader *l, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Die base, decl = *die;
	const char *name;
	size_t nr = l->types->nr;

	/* "extern struct { ... } x;" has the type, the definition refers to it. */
	if (dwarf_attr(die, DW_AT_specification, &attr) && !dwarf_formref_die(&attr, &decl))
		return;
	name = dwarf_diename(&decl);
	if (l->strict || !name || !has_address(die) || !base_type(&decl, &base))
		return;
	if (is_composite(dwarf_tag(&base)) && !dwarf_hasattr(&base, DW_AT_declaration)) {
		add_type(l, &base, TYPE_STRUCT, name, die);
		if (l->types->nr > nr) {
			l->types->list[nr].variable = true;
			l->types->list[nr].type = digest(l, &base, 0);
		}
	}
	add_local_types(l, &base, 0);
}

static void load_block(struct loader *l, Dwarf_Die *die, int depth)
{
	Dwarf_Die child;

	if (depth > MAX_DEPTH || dwarf_child(die, &child))
		return;
	do {
		if (dwarf_tag(&child) == DW_TAG_variable)
			add_variable(l, &child);
		else if (dwarf_tag(&child) == DW_TAG_lexical_block)
			load_block(l, &child, depth + 1);
	} while (!dwarf_siblingof(&child, &child));
}

static void load_function(struct loader *l, Dwarf_Die *die)
{
	Dwarf_Die next;

	if (!dwarf_diename(die))
		return;
	l->scope = dwarf_diename(die);
	l->scope_from = dwarf_dieoffset(die);
	l->scope_to = dwarf_siblingof(die, &next) ? UINT64_MAX : dwarf_dieoffset(&next);
	l->nr_seen = 0;
	load_block(l, die, 0);
	l->scope = NULL;
}

static void load_die(struct loader *l, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	Dwarf_Die type;

	switch (dwarf_tag(die)) {
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		if (name && !dwarf_hasattr(die, DW_AT_declaration))
			add_type(l, die, dwarf_tag(die) == DW_TAG_union_type ? TYPE_UNION :
				 TYPE_STRUCT, name, die);
		break;
	case DW_TAG_enumeration_type:
		if (name && !dwarf_hasattr(die, DW_AT_declaration))
			add_type(l, die, TYPE_ENUM, name, die);
		else if (!name)
			add_anonymous_enum(l, die);
		break;
	case DW_TAG_typedef:
		if (name && l->strict)
			add_typedef(l, name);
		if (name && type_of(die, &type) && is_composite(dwarf_tag(&type)) &&
		    !dwarf_diename(&type))
			add_type(l, &type, dwarf_tag(&type) == DW_TAG_union_type ? TYPE_UNION :
				 TYPE_STRUCT, name, die);
		break;
	case DW_TAG_subprogram:
		if (name && dwarf_hasattr(die, DW_AT_external))
			add_type(l, die, TYPE_FUNCTION, name, die);
		if (!l->strict)
			load_function(l, die);
		break;
	case DW_TAG_variable:
		add_variable(l, die);
		break;
	default:
		break;
	}
}

int types_order(const struct type_info *a, const struct type_info *b)
{
	int c;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->variable != b->variable)
		return a->variable ? 1 : -1;
	c = strcmp(a->name, b->name);
	if (c || !a->scope || !b->scope)
		return c ? c : !!a->scope - !!b->scope;
	return strcmp(a->scope, b->scope);
}

static int cmp_types(const void *a, const void *b)
{
	return types_order(a, b);
}

static void types_free(struct types *t)
{
	for (size_t i = 0; i < t->nr; i++)
		free(t->list[i].parts);
	free(t->list);
	free(t->typedefs);
	*t = (struct types){ 0 };
}

static void load(struct dwarf_object *d, bool strict, struct types *out)
{
	struct loader l = { .types = out, .strict = strict };
	Dwarf_Off off = 0, next;
	size_t hsize;
	Dwarf_Die cu, die;

	*out = (struct types){ 0 };
	for (; !dwarf_nextcu(d->dwarf, off, &next, &hsize, NULL, NULL, NULL); off = next) {
		if (!dwarf_offdie(d->dwarf, off + hsize, &cu) || dwarf_child(&cu, &die))
			continue;
		do {
			load_die(&l, &die);
		} while (!dwarf_siblingof(&die, &die));
	}
	free(l.cache.off);
	free(l.cache.digest);
	free(l.seen);
	if (out->nr)
		qsort(out->list, out->nr, sizeof(*out->list), cmp_types);
}

int types_open(const struct unit *u, bool strict, struct types_pair *out, struct klp_err *err)
{
	int ret;

	*out = (struct types_pair){ 0 };
	ret = dwarf_object_open(u->orig_path, &out->orig_object, err);
	if (ret)
		return ret;
	ret = dwarf_object_open(u->patched_path, &out->patched_object, err);
	if (ret) {
		dwarf_object_close(&out->orig_object);
		return ret;
	}
	load(&out->orig_object, strict, &out->orig);
	if (!ret)
		load(&out->patched_object, strict, &out->patched);
	if (ret)
		types_close(out);
	return ret;
}

void types_close(struct types_pair *p)
{
	types_free(&p->orig);
	types_free(&p->patched);
	dwarf_object_close(&p->patched_object);
	dwarf_object_close(&p->orig_object);
}
