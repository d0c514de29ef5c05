// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * variables.c - see variables.h.
 *
 * A variable's entry has its address, in the layout that libdwfl gave the object's sections;
 * by that it is found again among the symbols.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/xalloc.h"
#include "debuginfo.h"
#include "variables.h"

#define MAX_DEPTH	8	/* of pointers and arrays; what follows is told by "..." */
#define MAX_SCOPES	64

static void say(struct text *t, Dwarf_Die *die, int depth);

static void say_type_of(struct text *t, Dwarf_Die *die, int depth)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;

	if (dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, &type))
		say(t, &type, depth + 1);
	else
		text_addf(t, "void");
}

static bool is_composite(Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	return tag == DW_TAG_structure_type || tag == DW_TAG_union_type;
}

static void say_composite(struct text *t, Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	Dwarf_Die child;

	text_addf(t, "%s", dwarf_tag(die) == DW_TAG_union_type ? "union " : "struct ");
	if (name) {
		text_addf(t, "%s", name);
		return;
	}
	text_addf(t, "{");
	if (!dwarf_child(die, &child)) {
		do {
			if (dwarf_tag(&child) != DW_TAG_member)
				continue;
			say_type_of(t, &child, depth);
			text_addf(t, ";");
		} while (!dwarf_siblingof(&child, &child));
	}
	text_addf(t, "}");
}

static void say_array(struct text *t, Dwarf_Die *die, int depth)
{
	Dwarf_Attribute attr;
	Dwarf_Die child;
	Dwarf_Word n;

	say_type_of(t, die, depth);
	if (dwarf_child(die, &child))
		return;
	do {
		if (dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		if (dwarf_attr(&child, DW_AT_upper_bound, &attr) && !dwarf_formudata(&attr, &n))
			text_addf(t, "[%llu]", (unsigned long long)n + 1);
		else
			text_addf(t, "[]");
	} while (!dwarf_siblingof(&child, &child));
}

/* Integers by their size; qualifiers don't count, and a typedef only where it is all that has a name. */
static void say(struct text *t, Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	Dwarf_Attribute attr;
	Dwarf_Die type;

	if (depth > MAX_DEPTH) {
		text_addf(t, "...");
		return;
	}
	switch (dwarf_tag(die)) {
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
		text_addf(t, "integer of %d", dwarf_bytesize(die));
		break;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		say_composite(t, die, depth);
		break;
	case DW_TAG_array_type:
		say_array(t, die, depth);
		break;
	case DW_TAG_pointer_type:
		text_addf(t, "pointer to ");
		say_type_of(t, die, depth);
		break;
	case DW_TAG_subroutine_type:
		text_addf(t, "function");
		break;
	case DW_TAG_typedef:
		if (dwarf_attr_integrate(die, DW_AT_type, &attr) && dwarf_formref_die(&attr, &type) &&
		    is_composite(&type) && !dwarf_diename(&type)) {
			text_addf(t, "%s", name ? name : "");
			break;
		}
		say_type_of(t, die, depth);
		break;
	default:	/* const, volatile, atomic */
		say_type_of(t, die, depth);
	}
}

static void add(struct variables *v, Dwarf_Die *die, uint64_t address, const char *scope)
{
	struct text t = { 0 };

	v->list = xgrow(v->list, v->nr, sizeof(*v->list));
	say_type_of(&t, die, 0);
	v->list[v->nr++] = (struct variable){ .scope = xstrdup(scope), .type = text_take(&t), .address = address };
}

/* True if it has a place of its own, in memory. */
static bool has_address(Dwarf_Die *die, uint64_t *address)
{
	Dwarf_Attribute attr;
	Dwarf_Op *op;
	size_t n;

	if (!dwarf_attr(die, DW_AT_location, &attr) || dwarf_getlocation(&attr, &op, &n) || n != 1 ||
	    op[0].atom != DW_OP_addr)
		return false;
	*address = op[0].number;
	return true;
}

static void read_children(struct variables *v, Dwarf_Die *parent, const char *scope, int depth)
{
	Dwarf_Die die;
	uint64_t address;

	if (depth > MAX_SCOPES || dwarf_child(parent, &die))
		return;
	do {
		const char *name = dwarf_diename(&die);

		switch (dwarf_tag(&die)) {
		case DW_TAG_variable:
			if (has_address(&die, &address))
				add(v, &die, address, scope);
			break;
		case DW_TAG_subprogram:
			read_children(v, &die, name ? name : "", depth + 1);
			break;
		case DW_TAG_inlined_subroutine:
			read_children(v, &die, name ? name : scope, depth + 1);
			break;
		case DW_TAG_lexical_block:
			read_children(v, &die, scope, depth + 1);
			break;
		}
	} while (!dwarf_siblingof(&die, &die));
}

static int by_address(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static int by_symbol(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;

	if (!x->symbol || !y->symbol)
		return !x->symbol - !y->symbol;
	return strcmp(x->symbol, y->symbol);
}

static void name_variables(Dwfl_Module *mod, struct variables *v)
{
	int n = dwfl_module_getsymtab(mod);

	for (int i = 0; i < n; i++) {
		struct variable key = { 0 }, *p;
		GElf_Sym sym;
		const char *name = dwfl_module_getsym_info(mod, i, &sym, &key.address, NULL, NULL, NULL);

		if (!name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT || !sym.st_shndx)
			continue;
		p = bsearch(&key, v->list, v->nr, sizeof(*p), by_address);
		if (!p || p->symbol)
			continue;
		p->symbol = xstrdup(name);
	}
}

static int first_module(Dwfl_Module *mod, void **data, const char *name, Dwarf_Addr start, void *arg)
{
	(void)data;
	(void)name;
	(void)start;
	*(Dwfl_Module **)arg = mod;
	return DWARF_CB_ABORT;
}

int variables_read(const char *object_path, struct variables *out, struct klp_err *err)
{
	struct variables v = { 0 };
	Dwarf_Off off = 0, next;
	Dwfl_Module *mod = NULL;
	struct dwarf_object d;
	size_t hsize;
	Dwarf_Die cu;
	int ret = dwarf_object_open(object_path, &d, err);

	if (ret)
		return ret;
	for (; !dwarf_nextcu(d.dwarf, off, &next, &hsize, NULL, NULL, NULL); off = next)
		if (dwarf_offdie(d.dwarf, off + hsize, &cu))
			read_children(&v, &cu, "", 0);
	if (v.nr)
		qsort(v.list, v.nr, sizeof(*v.list), by_address);
	dwfl_getmodules(d.dwfl, first_module, &mod, 0);
	if (mod && v.nr)
		name_variables(mod, &v);
	if (v.nr)
		qsort(v.list, v.nr, sizeof(*v.list), by_symbol);
	dwarf_object_close(&d);
	*out = v;
	return 0;
}

void variables_free(struct variables *v)
{
	for (size_t i = 0; i < v->nr; i++) {
		free(v->list[i].symbol);
		free(v->list[i].scope);
		free(v->list[i].type);
	}
	free(v->list);
	*v = (struct variables){ 0 };
}

const struct variable *variable_of(const struct variables *v, const char *symbol)
{
	struct variable key = { .symbol = (char *)symbol };

	return v->nr ? bsearch(&key, v->list, v->nr, sizeof(key), by_symbol) : NULL;
}
