/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * types_dwarf.h - the types and prototypes of one object, as plain data that
 * can be compared; types.c compares.
 */
#ifndef KLP_BUILD_TYPES_DWARF_H
#define KLP_BUILD_TYPES_DWARF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "debuginfo.h"
#include "err.h"

struct unit;

enum type_kind {
	TYPE_STRUCT,
	TYPE_UNION,
	TYPE_ENUM,	/* each enumerator of an anonymous one by itself */
	TYPE_FUNCTION,	/* external functions only */
};

/*
 * A member (those of anonymous members stand in their place), an enumerator or
 * a parameter.
 */
struct type_part {
	const char *name;	/* "" if it has none */
	uint64_t offset;	/* bits from the start; enumerator: its value */
	uint64_t bits;		/* of a bit-field, else 0 */
	uint64_t type;		/* digest of its type; see types_open() */
};

struct type_info {
	enum type_kind kind;
	const char *name;
	const char *scope;	/* the function that it is local to; NULL: of the file */
	bool variable;		/* the struct or union that variable @name holds or points to */
	uint64_t size;		/* bytes */
	uint64_t type;		/* function: digest of what it returns; variable: of its type */
	bool variadic;
	struct type_part *parts;
	size_t nr_parts;
	const char *file;	/* as DWARF has it, or NULL */
	uint32_t line;
};

/*
 * Also in it, unless loaded strictly: the types of variables that outlive a call, since an
 * anonymous one has no other name, and what those of a function refer to among its local types.
 */
struct types {
	struct type_info *list;	/* as types_order() has it; first definition of each */
	size_t nr;
	const char **typedefs;	/* their names; only loaded strictly */
	size_t nr_typedefs;
};

/* Of a unit's two objects; strings are the objects'. */
struct types_pair {
	struct types orig, patched;
	struct dwarf_object orig_object, patched_object;
};

/*
 * Read both.  A type's digest stands for what a user of it compiles to: integers
 * by their size, qualifiers left out, typedefs resolved, named structs by name
 * alone (they are compared by themselves).  @strict: for all that a user of the
 * type could notice: integers by their sign, too, qualifiers, enums by name, alignment.
 */
int types_open(const struct unit *u, bool strict, struct types_pair *out, struct klp_err *err);
void types_close(struct types_pair *p);
/* By kind, name, scope; 0: both stand for the same thing. */
int types_order(const struct type_info *a, const struct type_info *b);

#endif
