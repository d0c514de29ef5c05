// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * types.c - the pass that compares types.  A new member in a hole, a member that
 * moved or an enumerator with another value can leave every byte of the unit's
 * code as it was, and yet all code that wasn't compiled again is wrong.  A variable of
 * an anonymous type, and a static one of a type local to its function, keep their bytes.
 *
 * Only what both builds have can have changed; new types and prototypes are fine.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/report.h"
#include "object/types_dwarf.h"
#include "types.h"

struct verdict {
	const struct type_info *old, *now;
	char why[256];
	bool direct;		/* its own text changed, not only what it contains */
};

static const char remedy_struct[] =
	"keep the layout and attach the new field with a shadow variable, or reboot into the fixed kernel";
static const char remedy_enum[] =
	"keep the old values and give new enumerators unused ones";
static const char remedy_signature[] =
	"add a function of another name with the new signature, and keep the old one";

static const struct type_part *part_named(const struct type_info *t, const char *name,
					  size_t hint)
{
	if (hint < t->nr_parts && !strcmp(t->parts[hint].name, name))
		return &t->parts[hint];
	for (size_t i = 0; i < t->nr_parts; i++)
		if (!strcmp(t->parts[i].name, name))
			return &t->parts[i];
	return NULL;
}

/* The member of @t that has taken @part's place under a name that is new. */
static bool renamed(const struct type_info *old, const struct type_info *t,
		    const struct type_part *part)
{
	for (size_t i = 0; i < t->nr_parts; i++) {
		const struct type_part *p = &t->parts[i];

		if (p->offset == part->offset && p->bits == part->bits && p->type == part->type &&
		    !part_named(old, p->name, i))
			return true;
	}
	return false;
}

/*
 * One more name for a member that stays where it is:
 *	union { struct net_device *dev; struct net_device __rcu *dev_rcu; };
 */
static bool is_alias(const struct type_info *old, const struct type_info *now,
		     const struct type_part *part)
{
	for (size_t i = 0; i < old->nr_parts; i++) {
		const struct type_part *p = &old->parts[i];
		const struct type_part *q = p->offset == part->offset && p->bits == part->bits &&
					    p->type == part->type ? part_named(now, p->name, i) : NULL;

		if (q && *q->name && q->offset == p->offset && q->type == p->type)
			return true;
	}
	return false;
}

static void say(struct verdict *v, bool direct, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first difference is told; a direct one goes before one of place. */
static void say(struct verdict *v, bool direct, const char *fmt, ...)
{
	va_list ap;

	if (*v->why && (v->direct || !direct))
		return;
	v->direct = direct;
	va_start(ap, fmt);
	vsnprintf(v->why, sizeof(v->why), fmt, ap);
	va_end(ap);
}

/* "52", or of a bit-field "52 (bit 4)" */
static const char *place(const struct type_part *p, char buf[32])
{
	snprintf(buf, 32, p->bits ? "%llu (bit %llu)" : "%llu", (unsigned long long)p->offset / 8,
		 (unsigned long long)p->offset % 8);
	return buf;
}

static void compare_layout(struct verdict *v)
{
	char from[32], to[32];
	const struct type_info *a = v->old, *b = v->now;

	for (size_t i = 0; i < a->nr_parts; i++) {
		const struct type_part *p = &a->parts[i], *q = part_named(b, p->name, i);

		if (!*p->name)
			continue;	/* padding bit-field */
		if (!q && !renamed(a, b, p))
			say(v, true, "its member %s at offset %llu is removed", p->name,
			    (unsigned long long)p->offset / 8);
		if (!q)
			continue;
		if (q->type != p->type || q->bits != p->bits)
			say(v, true, "its member %s at offset %llu changes type", p->name,
			    (unsigned long long)p->offset / 8);
		if (q->offset != p->offset)
			say(v, false, "its member %s moves from offset %s to %s", p->name, place(p, from), place(q, to));
	}
	for (size_t i = 0; i < b->nr_parts; i++) {
		const struct type_part *q = &b->parts[i];

		if (!*q->name || part_named(a, q->name, i) || renamed(b, a, q))
			continue;
		/* One more view of the same bytes. */
		if ((b->kind == TYPE_UNION && a->size == b->size) || is_alias(a, b, q))
			continue;
		say(v, true, "it gets a new member %s at offset %llu", q->name,
		    (unsigned long long)q->offset / 8);
	}
	if (a->size != b->size)
		say(v, false, "its size changes from %llu to %llu bytes",
		    (unsigned long long)a->size, (unsigned long long)b->size);
}

static void compare_enum(struct verdict *v)
{
	const struct type_info *a = v->old, *b = v->now;

	for (size_t i = 0; i < a->nr_parts; i++) {
		const struct type_part *q = part_named(b, a->parts[i].name, i);

		if (q && q->offset != a->parts[i].offset)
			say(v, true, "its enumerator %s changes from %lld to %lld", q->name,
			    (long long)a->parts[i].offset, (long long)q->offset);
	}
	if (a->size != b->size)
		say(v, true, "its size changes from %llu to %llu bytes",
		    (unsigned long long)a->size, (unsigned long long)b->size);
}

static void compare_signature(struct verdict *v)
{
	const struct type_info *a = v->old, *b = v->now;

	if (a->nr_parts != b->nr_parts || a->variadic != b->variadic) {
		say(v, true, "it takes %zu parameters instead of %zu, and other units call it",
		    b->nr_parts, a->nr_parts);
		return;
	}
	for (size_t i = 0; i < a->nr_parts; i++)
		if (a->parts[i].type != b->parts[i].type)
			say(v, true, "its parameter %zu changes type, and other units call it",
			    i + 1);
	if (a->type != b->type)
		say(v, true, "what it returns changes type, and other units use it");
}

static void compare(struct verdict *v)
{
	/* Of a named type, compared by itself, or just as before. */
	if (v->old->variable && v->old->type == v->now->type)
		return;
	switch (v->old->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		compare_layout(v);
		break;
	case TYPE_ENUM:
		compare_enum(v);
		break;
	case TYPE_FUNCTION:
		compare_signature(v);
		break;
	}
}

static void file_refusal(struct report *r, const struct verdict *v)
{
	static const char *const words[] = { "struct ", "union ", "enum ", "" };
	const struct type_info *t = v->now;
	char name[280], path[256];

	snprintf(name, sizeof(name), "%s%s", t->variable ? "" : words[t->kind], t->name);
	dwarf_tree_path(t->file ? t->file : "", path, sizeof(path));
	if (t->kind == TYPE_ENUM)
		report_refuse(r, REFUSE_ENUM, name, path, t->line, remedy_enum, "%s", v->why);
	else if (t->kind == TYPE_FUNCTION)
		report_refuse(r, REFUSE_SIGNATURE, name, path, t->line, remedy_signature,
			      "%s", v->why);
	else
		report_refuse(r, REFUSE_STRUCT, name, path, t->line, remedy_struct,
			      t->variable ? "%s, and the running kernel's variable has the old type" :
					    "%s, and data of this type is in use", v->why);
}

static bool is_signature(const struct verdict *v)
{
	return v->old->kind == TYPE_FUNCTION && !v->old->variable;
}

/* The pairs of both lists, in step. */
static bool next_pair(const struct types_pair *p, size_t *i, size_t *j, struct verdict *v)
{
	while (*i < p->orig.nr && *j < p->patched.nr) {
		int c = types_order(&p->orig.list[*i], &p->patched.list[*j]);

		*v = (struct verdict){ .old = &p->orig.list[*i], .now = &p->patched.list[*j] };
		*i += c <= 0;
		*j += c >= 0;
		if (!c) {
			compare(v);
			return true;
		}
	}
	return false;
}

/*
 * Those that changed by themselves are filed, or all if there is none (so that a struct that
 * contains the culprit isn't blamed).  No other type contains a function's.
 */
static void walk(const struct build *b, bool all, const struct types_pair *p)
{
	size_t i = 0, j = 0, nr_direct = 0;
	struct verdict v;

	while (next_pair(p, &i, &j, &v))
		nr_direct += v.direct && !is_signature(&v);
	i = j = 0;
	while (next_pair(p, &i, &j, &v)) {
		bool counts = is_signature(&v) ? all && !strings_have(&b->renamed, v.now->name) : v.direct || !nr_direct;

		if (*v.why && counts)
			file_refusal(b->report, &v);
	}
}

static void add_signatures(const struct types_pair *p, struct strings *names)
{
	size_t i = 0, j = 0;
	struct verdict v;

	while (next_pair(p, &i, &j, &v))
		if (*v.why && is_signature(&v))
			strings_add_once(names, v.now->name);
}

/* File refusals, or, with @names, add the functions whose signature changes to it. */
static int look_at(struct build *b, bool all, struct strings *names, struct klp_err *err)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		struct types_pair p;
		int ret = types_open(&b->units[i], false, &p, err);

		if (!ret) {
			if (!names)
				walk(b, all, &p);
			else
				add_signatures(&p, names);
			types_close(&p);
		}
		if (ret) {
			klp_err_wrap(err, "cannot compare the types of %s", b->units[i].source);
			return ret;
		}
	}
	return 0;
}

int types_signatures(struct build *b, struct strings *names, struct klp_err *err)
{
	return look_at(b, true, names, err);
}

int types_compare(struct build *b, bool all, struct klp_err *err)
{
	return look_at(b, all, NULL, err);
}
