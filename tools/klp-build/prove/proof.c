// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof.c - the pass that proves that what is going to be replaced is what runs.
 *
 * First with the unit as the differ has it, a section per function.  GCC lays
 * short jumps and a few instructions out differently then, and identical static
 * functions can't be told apart; where that matters the unit is compiled once
 * more as the kernel's own build did it, and its layout decides.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/xalloc.h"
#include "compile/compile.h"
#include "diff/diff.h"
#include "object/canon.h"
#include "object/debuginfo.h"
#include "proof_priv.h"
#include "target/target.h"

/* The same symbol in the plain build: equal name, equal rank among equal names. */
static const struct elf_symbol *match_of(const struct elf_file *from, const struct elf_file *to,
					 const struct elf_symbol *sym)
{
	size_t rank = 0;

	for (size_t i = 1; i < sym->index; i++)
		if (from->symbols[i].type == sym->type && from->symbols[i].shndx &&
		    !strcmp(from->symbols[i].name, sym->name))
			rank++;
	for (size_t i = 1; i < to->nr_symbols; i++)
		if (to->symbols[i].type == sym->type && to->symbols[i].shndx &&
		    !strcmp(to->symbols[i].name, sym->name) && !rank--)
			return &to->symbols[i];
	return NULL;
}

static bool knows(const struct solver *s, const struct elf_symbol *sym)
{
	uint64_t addr;

	if (!sym || solver_address(s, sym, &addr))
		return false;
	return sym->type != STT_FUNC || !sym->size || s->state[sym->index] == FUNCTION_PROVEN;
}

const struct solver *proof_solver(const struct unit *u, const struct elf_symbol *orig,
				  const struct elf_symbol **sym)
{
	const struct proof *p = u->proof;
	const struct elf_symbol *other;

	if (!p)
		return NULL;
	if (knows(&p->orig, orig)) {
		*sym = orig;
		return &p->orig;
	}
	other = p->plain.ef ? match_of(p->orig.ef, p->plain.ef, orig) : NULL;
	if (other && knows(&p->plain, other)) {
		*sym = other;
		return &p->plain;
	}
	return NULL;
}

int proof_place(const struct unit *u, const struct elf_symbol *orig, struct kernel_place *out)
{
	const struct elf_symbol *sym;
	const struct solver *s = proof_solver(u, orig, &sym);
	uint64_t addr;
	int ret;

	if (!s || solver_address(s, sym, &addr))
		return -ENOENT;
	ret = image_place(s->img, addr, orig->name, out);
	if (!ret && sym->size)	/* the plain build's, where its jumps are shorter */
		out->size = sym->size;
	return ret;
}

/* Does relocation @r refer to read-only data that begins with these bytes? */
static bool refers_to(const struct elf_file *ef, const struct elf_section *sec,
		      const struct elf_reloc *r, const void *bytes, size_t len, struct ref *ref)
{
	const struct elf_section *to;

	canon_ref(ef, sec, r, ref);
	to = ref->sec;
	if (ref->kind == REF_UNKNOWN || !to || !to->data || (to->flags & (SHF_WRITE | SHF_EXECINSTR)))
		return false;
	if (ref->kind == REF_SYMBOL)
		ref->off += (int64_t)ref->sym->value;
	return ref->off >= 0 && (uint64_t)ref->off <= to->size &&
	       to->size - (uint64_t)ref->off >= len && !memcmp(to->data + ref->off, bytes, len);
}

int proof_constant(const struct unit *u, const struct elf_symbol *orig, const void *bytes,
		   size_t len, uint64_t *address)
{
	const struct elf_symbol *sym;
	const struct solver *s = proof_solver(u, orig, &sym);
	const struct elf_section *sec;
	uint64_t start;

	if (!s || s->img->ko || solver_address(s, sym, &start))
		return -ENOENT;
	sec = &s->ef->sections[sym->shndx];
	for (size_t i = elf_reloc_first(sec, sym->value);
	     i < sec->nr_relocs && sec->relocs[i].offset - sym->value < sym->size; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const uint8_t *shipped;
		struct field field;
		struct ref ref;

		if (!refers_to(s->ef, sec, r, bytes, len, &ref) ||
		    image_field(s->img, start + (r->offset - sym->value), r->type, &field))
			continue;
		*address = field.value + (uint64_t)(ref.bias - ref.delta);
		shipped = image_bytes(s->img, *address, len);
		if (shipped && !image_is_freed(s->img, *address) && !memcmp(shipped, bytes, len))
			return 0;
	}
	return -ENOENT;
}

const char *proof_how(const struct unit *u, const struct elf_symbol *orig)
{
	const struct elf_symbol *sym;
	const struct solver *s = proof_solver(u, orig, &sym);

	if (!s)
		return NULL;
	return s == &u->proof->orig ? "bytes" : "bytes in layout";
}

static void why_in(const struct solver *s, const struct elf_symbol *sym, char *buf, size_t len)
{
	const struct section_place *p = &s->sections[sym->shndx];
	struct mismatch why = { 0 };
	uint64_t base;

	if (p->settled) {
		base = p->base;
	} else if (p->nr_candidates) {
		base = p->candidates[0];
	} else {
		snprintf(buf, len, "the shipped object has no symbol of that name");
		return;
	}
	if (check_function(s, sym, base, NULL, &why))
		snprintf(buf, len, "first difference at +%#llx: %s", (unsigned long long)why.off,
			 why.text);
	else
		snprintf(buf, len, "%zu equal copies, and nothing tells which is this unit's",
			 p->nr_candidates);
}

void proof_why_not(const struct unit *u, const struct elf_symbol *orig, char *buf, size_t len)
{
	const struct proof *p = u->proof;
	const struct elf_symbol *sym;

	if (len)
		buf[0] = 0;
	if (!p || proof_solver(u, orig, &sym))
		return;
	sym = p->plain.ef ? match_of(p->orig.ef, p->plain.ef, orig) : NULL;
	if (sym)
		why_in(&p->plain, sym, buf, len);
	else
		why_in(&p->orig, orig, buf, len);
}

/* A weak function whose name the shipped object gives to a strong one. */
bool proof_knows(const struct unit *u, const struct elf_symbol *orig)
{
	const struct elf_symbol *known;

	return proof_solver(u, orig, &known);
}

bool proof_is_overridden(const struct unit *u, const struct elf_symbol *orig)
{
	const struct image *img = &u->proof->img;

	if (orig->bind != STB_WEAK)
		return false;
	if (img->ko) {
		const struct elf_symbol *sym = elf_symbol(img->ko, orig->name, STT_FUNC);

		return sym && sym->bind == STB_GLOBAL;
	}
	return target_has_strong(img->target, orig->name);
}

static void refuse(struct build *b, const struct unit *u, const struct elf_symbol *orig)
{
	char why[256], file[256];
	uint32_t line;

	function_line(u->orig_path, orig->name, file, sizeof(file), &line);
	if (proof_is_overridden(u, orig)) {
		report_refuse(b->report, REFUSE_WEAK, orig->name, *file ? file : u->source, line,
			      WEAK_REMEDY, WEAK_WHY);
		return;
	}
	proof_why_not(u, orig, why, sizeof(why));
	report_refuse(b->report, REFUSE_NOT_PROVEN, orig->name, *file ? file : u->source, line,
		      "build with the compiler, configuration and source version of the running kernel; `klp-build prepare --force` fetches them anew",
		      "compiled from the original source it isn't the function in the shipped %s (%s)",
		      u->object, why);
}

/* By its place: the differ knows the sections that are named .init. */
static void refuse_freed(struct build *b, const struct unit *u, const struct elf_symbol *orig)
{
	char file[256];
	uint32_t line;

	function_line(u->orig_path, orig->name, file, sizeof(file), &line);
	report_refuse(b->report, REFUSE_INIT, orig->name, *file ? file : u->source, line,
		      "leave this part out of the live patch; it takes effect at the next boot or module load",
		      "it lies where %s is given back once it has run", u->object);
}

static bool is_replaced(const struct diff_symbol *ds)
{
	return (ds->change == CHANGE_CHANGED || ds->moved) && ds->orig && ds->orig->type == STT_FUNC;
}

/* Does a patched function refer to something of the original whose place is open? */
static bool refers_to_unplaced(const struct unit *u, const struct diff_symbol *ds)
{
	const struct elf_file *ef = u->patched;
	const struct elf_symbol *sym = ds->patched, *known;
	const struct elf_section *sec;
	struct ref ref;

	if (!sym || ds->change == CHANGE_SAME)
		return false;
	sec = &ef->sections[sym->shndx];
	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		const struct elf_symbol *orig;

		if (r->offset < sym->value || r->offset - sym->value >= sym->size)
			continue;
		canon_ref(ef, sec, r, &ref);
		if (ref.kind != REF_SYMBOL || canon_is_generated(ef, ref.sym) ||
		    canon_is_cold(ref.sym->name))
			continue;
		orig = diff_match(u, ref.sym);
		if (orig && !proof_solver(u, orig, &known))
			return true;
	}
	return false;
}

static bool needs_plain(const struct unit *u)
{
	const struct elf_symbol *sym;

	for (size_t i = 0; i < u->nr_symbols; i++) {
		const struct diff_symbol *ds = &u->symbols[i];

		if (is_replaced(ds) && !proof_solver(u, ds->orig, &sym))
			return true;
		if (refers_to_unplaced(u, ds))
			return true;
	}
	return false;
}

int unit_prove(struct build *b, struct unit *u, struct klp_err *err)
{
	struct proof *p = xcalloc(1, sizeof(*p));
	int ret;

	proof_free(u->proof);
	u->proof = p;
	ret = image_open(b->target, u->module_path, &p->img, err);
	if (!ret)
		solver_init(&p->orig, &p->img, u->orig);
	if (!ret)
		solver_run(&p->orig);
	return ret;
}

int unit_prove_plain(struct build *b, struct unit *u, struct klp_err *err)
{
	struct proof *p = u->proof;
	int ret = unit_compile_plain(b, u, err);

	if (!ret)
		solver_init(&p->plain, &p->img, u->plain);
	if (!ret)
		solver_run(&p->plain);
	return ret;
}

int units_prove(struct build *b, struct klp_err *err)
{
	for (size_t i = 0; i < b->nr_units; i++) {
		struct unit *u = &b->units[i];
		const struct elf_symbol *sym;
		int ret = unit_prove(b, u, err);

		if (!ret && needs_plain(u))
			ret = unit_prove_plain(b, u, err);
		if (ret) {
			klp_err_wrap(err, "cannot prove %s", u->source);
			return ret;
		}
		for (size_t j = 0; j < u->nr_symbols; j++) {
			const struct elf_symbol *orig = u->symbols[j].orig;
			struct kernel_place place;

			/* An empty weak function equals any other: the bytes alone don't tell. */
			if (is_replaced(&u->symbols[j]) &&
			    (!proof_solver(u, orig, &sym) || proof_is_overridden(u, orig)))
				refuse(b, u, orig);
			else if (is_replaced(&u->symbols[j]) && !proof_place(u, orig, &place) && place.freed)
				refuse_freed(b, u, orig);
		}
		proven_rest(u);
	}
	return 0;
}

void proven_rest(struct unit *u)
{
	unit_rest(u);
	if (u->proof)
		elf_rest(u->proof->img.ko);
}

void proof_free(struct proof *p)
{
	if (!p)
		return;
	if (p->orig.ef)
		solver_free(&p->orig);
	if (p->plain.ef)
		solver_free(&p->plain);
	image_close(&p->img);
	for (size_t i = 0; i < p->nr_owners; i++)
		free(p->owners[i]);
	free(p->owners);
	free(p);
}
