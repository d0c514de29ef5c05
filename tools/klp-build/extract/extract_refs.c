// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * extract_refs.c - where each reference of extracted code leads.
 *
 * The rules, in order:
 *  - a call or jump to a function of the patch goes straight there;
 *  - the address of a function that exists in the kernel is its address there:
 *    ftrace redirects it, and a timer or ops pointer outlives a revert;
 *  - data that exists in the kernel is referenced, never copied;
 *  - strings, constants and anonymous read-only data are copied;
 *  - what is new is copied, and a new function whose address is taken makes the
 *    patch irrevertible, since nobody can tell who keeps it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/patch_names.h"
#include "base/text.h"
#include "compile/api.h"
#include "diff/diff.h"
#include "extract_priv.h"
#include "object/pcrel.h"
#include "prove/proof.h"
#include "quietpatch.h"
#include "special.h"

static void note_escape(struct xunit *xu, const struct fragment *p, const struct elf_symbol *func)
{
	/* The core calls callbacks itself, and knows when it is done. */
	if (!strcmp(xu->ef->sections[p->shndx].name, QP_SEC_CALLBACKS))
		return;
	xunit_irrevertible(xu, p, "takes the address of the new function %s, which the kernel may keep", func->name);
}

/* @func isn't reached by its own bytes in the patch, or not only. */
static int ref_function(struct xunit *xu, const struct fragment *p, const struct elf_symbol *func,
			const struct elf_symbol *sym, int64_t addend, bool branch,
			struct out_ref *ref)
{
	const struct unit *where;
	const struct elf_symbol *orig = diff_origin(xu->u, func, &where);
	struct kernel_place place;
	struct fragment *q;
	const char *object = where->object;
	int ret;

	if (orig) {
		ret = proof_place(where, orig, &place);
		/* A weak one that the kernel overrides: all references go to the strong one. */
		if (ret == -ENOENT && func->bind == STB_WEAK)
			ret = proof_place_extern(xu->b, xu->u, func->name, &object, &place);
		if (ret == -ENOENT)
			return ref_refuse(xu, p, func->name,
					  "which the shipped kernel doesn't contain under that name");
		if (ret)
			return ret;
		return ref_kernel(xu, p, object, &place, func->bind != STB_LOCAL,
				  (int64_t)(sym->value + (uint64_t)addend - func->value), ref);
	}
	q = fragment_at(xu, func->shndx, func->value);
	if (!q) {
		ret = fragment_add_function(xu, func);
		if (ret)
			return ret;
		q = fragment_at(xu, func->shndx, func->value);
	}
	if (!branch)
		note_escape(xu, p, func);
	ref_fragment(xu, q, sym, addend, ref);
	return 0;
}

static int ref_other_unit(struct xunit *xu, const struct fragment *p, struct xunit *o,
			  const struct elf_symbol *def, int64_t addend, bool branch,
			  struct out_ref *ref)
{
	const struct unit *where;
	const struct elf_symbol *orig = diff_origin(o->u, def, &where);
	bool here = fragment_at(o, def->shndx, def->value);
	const char *object = where->object;
	struct kernel_place place;
	int ret;

	if (orig && !(here && branch && def->type == STT_FUNC)) {
		ret = proof_place(where, orig, &place);
		/* Only used, not replaced: found as it would be if its unit weren't of the fix. */
		if (ret == -ENOENT)
			ret = proof_place_extern(xu->b, xu->u, def->name, &object, &place);
		if (ret == -ENOENT)
			return ref_refuse(xu, p, def->name, "which the shipped kernel doesn't contain");
		return ret ? ret : ref_kernel(xu, p, object, &place, true, addend, ref);
	}
	if (!here && def->type == STT_FUNC) {
		ret = fragment_add_function(o, def);
		if (ret)
			return ret;
	} else if (!here) {
		ret = data_check_new(o, p, def);
		if (ret)
			return ret;
		fragment_add(o, def->shndx, def->value, def->value + def->size, def);
	}
	if (!orig && !branch && def->type == STT_FUNC)
		note_escape(xu, p, def);
	if (!o->out_sym[def->index])
		return ref_refuse(xu, p, def->name, "which can't be taken out of its unit");
	elf_out_set_bind(o->out, o->out_sym[def->index], STB_GLOBAL);
	/* It may have got another name, should a third unit have a static one of that name. */
	ref->sym = elf_out_undef(xu->out, elf_out_name(o->out, o->out_sym[def->index]), STB_GLOBAL);
	ref->addend = addend;
	return 0;
}

static int ref_undefined(struct xunit *xu, const struct fragment *p, const struct elf_reloc *r,
			 bool branch, struct out_ref *ref)
{
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym];
	int64_t addend = r->addend;
	const struct elf_symbol *def;
	struct kernel_place place;
	struct xunit *other;
	const char *object;
	int ret;

	if (defs_elsewhere(xu, sym->name, &other, &def)) {
		ret = ref_other_unit(xu, p, other, def, addend, branch, ref);
		if (!ret && def->type == STT_OBJECT)
			kept_note_variable(xu, p, r, other, def);
		return ret;
	}
	if (xu->undef[sym->index]) {
		ref_ksym(xu, xu->undef[sym->index], addend, ref);
		return 0;
	}
	if (api_has(sym->name)) {
		xu->x->tripwires |= !strcmp(sym->name, QP_TRIPWIRE_FN) || !strcmp(sym->name, QP_TRIPWIRE_HERE) ||
				    !strcmp(sym->name, QP_MITIGATES);
		ref->sym = elf_out_undef(xu->out, sym->name, STB_GLOBAL);
		ref->addend = addend;
		return 0;
	}
	ret = proof_place_extern(xu->b, xu->u, sym->name, &object, &place);
	if (ret == -ENOENT && sym->bind == STB_WEAK) {
		ref->sym = elf_out_undef(xu->out, sym->name, STB_WEAK);
		ref->addend = addend;
		return 0;
	}
	if (ret == -ENOENT)
		report_missing(xu->b->report, sym->name);
	if (ret)
		return ref_refuse(xu, p, sym->name, "which neither the kernel nor the fix defines");
	ret = ref_kernel(xu, p, object, &place, true, addend, ref);
	if (!ret)
		xu->undef[sym->index] = ksym_get(xu->x, object, &place, true);
	return ret;
}

int extract_ref(struct xunit *xu, struct fragment *p, const struct elf_reloc *r, struct out_ref *ref)
{
	const struct elf_section *place = &xu->ef->sections[p->shndx], *sec;
	const struct elf_symbol *sym = &xu->ef->symbols[r->sym], *owner;
	bool branch = elf_reloc_is_branch(place, r), start;
	const struct unit *where;
	struct fragment *q;
	uint64_t at;
	int ret;

	*ref = (struct out_ref){ 0 };
	if (sym->shndx == SHN_UNDEF)
		return ref_undefined(xu, p, r, branch, ref);
	if (sym->shndx == SHN_ABS) {
		ref->sym = elf_out_symbol(xu->out, sym->name, STB_LOCAL, sym->type, ELF_OUT_ABS,
					  sym->value, sym->size);
		ref->addend = r->addend;
		return 0;
	}
	if (sym->shndx >= xu->ef->nr_sections)
		return ref_refuse(xu, p, sym->name, "a common symbol, which modules can't have");
	sec = &xu->ef->sections[sym->shndx];
	if (reloc_target(xu->ef, place, r, &at))
		return ref_refuse(xu, p, *sym->name ? sym->name : sec->name,
				  "by an instruction that the builder doesn't know, so that the place isn't sure");
	if (sec->flags & SHF_EXECINSTR) {
		owner = sym->type == STT_FUNC ? sym : elf_symbol_at(xu->ef, sec->index, at);
		if (owner && owner->type != STT_FUNC)
			owner = NULL;
		q = fragment_at(xu, sec->index, at);
		/* Entries about code, jumps and labels mean the patch's own bytes. */
		start = owner && at == owner->value && !strstr(owner->name, ".cold");
		if (q && (p->kind || branch || !start || !diff_origin(xu->u, owner, &where))) {
			if (start && !p->kind && !branch)
				note_escape(xu, p, owner);
			ref_fragment(xu, q, sym, r->addend, ref);
			return 0;
		}
		if (owner && at == owner->value)
			return ref_function(xu, p, owner, sym, r->addend, branch, ref);
		ret = special_aux(xu, sec->index, at, &q);
		if (ret == -ENOENT)
			return ref_refuse(xu, p, owner ? owner->name : sec->name,
					  "at a place inside code that stays in the kernel");
		if (ret)
			return ret;
		ref_fragment(xu, q, sym, r->addend, ref);
		return 0;
	}
	ret = data_ref(xu, p, r, sec, at, ref);
	if (!ret)
		kept_note(xu, p, r, at);
	return ret;
}
