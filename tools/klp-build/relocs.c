// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relocs.c - the last pass over the linked module, before it is signed.
 *
 *  - References to symbols of modules leave the relocation tables: the stock
 *    loader would refuse the patch while the module isn't there.  The core writes
 *    them from .qp.relocs, which the link has filled.
 *  - Every symbol that is still undefined must be one that the loader can find: an
 *    export of vmlinux, the core's own, or one that .qp.symbols tells the core to lend.
 *  - Symbols that kept the kernel's name for objtool get the one that the core lends.
 *  - What neither loader nor core reads (debug data, names of labels) is left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "extract.h"
#include "fix.h"
#include "quietpatch.h"
#include "report.h"
#include "special.h"
#include "target.h"
#include "text.h"

struct rewrite {
	const struct build *b;
	const struct elf_file *in;
	struct elf_out *out;
	uint32_t *section;	/* per input section: handle, 0 = dropped */
	uint64_t *base;		/* per input section: where its bytes went */
	uint32_t *symbol;	/* per input symbol: handle, 0 = not there (yet) */
	const struct ksym **lent;
	size_t nr_lent;
};

static bool wanted(const struct elf_section *s)
{
	return (s->flags & SHF_ALLOC) && s->type != SHT_NULL && strncmp(s->name, ".BTF", 4);
}

static bool is_jump_table(const struct elf_section *s)
{
	return !strcmp(s->name, JUMP_TABLE);
}

static void copy_section(struct rewrite *w, size_t i)
{
	const struct elf_section *s = &w->in->sections[i];

	w->section[i] = elf_out_section(w->out, s->name, s->type,
					s->flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR |
						    SHF_MERGE | SHF_STRINGS),
					s->align, s->entsize);
	if (!is_jump_table(s))
		w->base[i] = elf_out_append(w->out, w->section[i], s->data, s->size, s->align);
}

static void copy_sections(struct rewrite *w)
{
	for (size_t i = 1; i < w->in->nr_sections; i++)
		if (wanted(&w->in->sections[i]) && w->in->sections[i].size)
			copy_section(w, i);
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_undefined(struct rewrite *w, const char *name, struct klp_err *err)
{
	const struct extract *x = w->b->extract;
	const struct ksym *k = ksym_find(x, name);

	if (k && !k->plain) {
		for (size_t i = 0; i < w->nr_lent; i++)
			if (w->lent[i] == k)
				return 0;
		w->lent[w->nr_lent++] = k;
		return 0;
	}
	if (k || api_has(name) ||
	    bsearch(&name, x->exports, x->nr_exports, sizeof(*x->exports), name_order))
		return 0;
	return klp_err_set(err, -ENOENT,
			   "the patch module refers to %s, which kernel %s doesn't export and the fix doesn't define",
			   name, w->b->target->krel);
}

static const char *final_name(const struct rewrite *w, const char *name)
{
	const struct ksym *k = ksym_find(w->b->extract, name);

	return k ? k->undef : name;
}

/* The output's symbol for an input symbol; made on first use. */
static int map_symbol(struct rewrite *w, uint32_t n, uint32_t *out, struct klp_err *err)
{
	const struct elf_symbol *s = &w->in->symbols[n];
	int ret;

	if (!w->symbol[n]) {
		/* Empty, but referred to: where alternatives have no replacement. */
		if (s->shndx && s->shndx < w->in->nr_sections && !w->section[s->shndx] &&
		    wanted(&w->in->sections[s->shndx]))
			copy_section(w, s->shndx);
		if (s->shndx == SHN_UNDEF) {
			ret = s->bind == STB_WEAK ? 0 : check_undefined(w, s->name, err);
			if (ret)
				return ret;
			w->symbol[n] = elf_out_undef(w->out, final_name(w, s->name), s->bind);
		} else if (s->shndx == SHN_ABS) {
			w->symbol[n] = elf_out_symbol(w->out, s->name, s->bind, s->type,
						      ELF_OUT_ABS, s->value, s->size);
		} else if (s->shndx >= w->in->nr_sections || !w->section[s->shndx]) {
			return klp_err_set(err, -EINVAL, "symbol \"%s\" of the patch module lies in a section that isn't loaded",
					   s->name);
		} else if (s->type == STT_SECTION) {
			w->symbol[n] = elf_out_section_symbol(w->out, w->section[s->shndx]);
		} else {
			w->symbol[n] = elf_out_symbol(w->out, s->name, s->bind, s->type,
						      w->section[s->shndx],
						      w->base[s->shndx] + s->value, s->size);
		}
	}
	*out = w->symbol[n];
	return 0;
}

static bool is_late(const struct rewrite *w, const struct elf_symbol *s)
{
	const struct ksym *k = s->shndx == SHN_UNDEF ? ksym_find(w->b->extract, s->name) : NULL;

	return k && k->late;
}

/* @base: what to add to offsets in the section. */
static int copy_reloc(struct rewrite *w, size_t n, const struct elf_reloc *r, uint64_t base,
		      struct klp_err *err)
{
	const struct elf_symbol *sym = &w->in->symbols[r->sym];
	int64_t addend = r->addend;
	uint32_t to;
	int ret;

	if (r->type == R_X86_64_NONE || is_late(w, sym))
		return 0;
	ret = map_symbol(w, r->sym, &to, err);
	if (ret)
		return ret;
	if (sym->type == STT_SECTION)
		addend += (int64_t)w->base[sym->shndx];
	elf_out_reloc(w->out, w->section[n], base + r->offset, r->type, to, addend);
	return 0;
}

/*
 * Jump labels of a module's tracepoints were there for objtool, which makes the jumps
 * NOPs.  The kernel would look for their key while the patch loads.
 */
static int copy_jump_table(struct rewrite *w, size_t n, struct klp_err *err)
{
	const struct elf_section *s = &w->in->sections[n];
	size_t r = 0;

	if (s->size % JUMP_ENTRY_SIZE)
		return klp_err_set(err, -EINVAL, "%s has an unknown entry size", s->name);
	for (uint64_t at = 0; at < s->size; at += JUMP_ENTRY_SIZE) {
		size_t first = r;
		bool late = false;
		uint64_t out;

		for (; r < s->nr_relocs && s->relocs[r].offset < at + JUMP_ENTRY_SIZE; r++)
			late |= is_late(w, &w->in->symbols[s->relocs[r].sym]);
		if (late)
			continue;
		out = elf_out_append(w->out, w->section[n], s->data + at, JUMP_ENTRY_SIZE, 1);
		for (size_t i = first; i < r; i++) {
			int ret = copy_reloc(w, n, &s->relocs[i], out - at, err);

			if (ret)
				return ret;
		}
	}
	return 0;
}

static int copy_relocs(struct rewrite *w, size_t n, struct klp_err *err)
{
	const struct elf_section *s = &w->in->sections[n];

	if (is_jump_table(s))
		return copy_jump_table(w, n, err);
	for (size_t i = 0; i < s->nr_relocs; i++) {
		int ret = copy_reloc(w, n, &s->relocs[i], w->base[n], err);

		if (ret)
			return ret;
	}
	return 0;
}

/* Functions keep their names for stack traces, and globals because the loader looks for some. */
static int copy_symbols(struct rewrite *w, struct klp_err *err)
{
	for (uint32_t i = 1; i < w->in->nr_symbols; i++) {
		const struct elf_symbol *s = &w->in->symbols[i];
		uint32_t unused;
		int ret;

		if (s->shndx == SHN_UNDEF || s->shndx >= w->in->nr_sections ||
		    !w->section[s->shndx] || (s->type != STT_FUNC && s->bind == STB_LOCAL))
			continue;
		ret = map_symbol(w, i, &unused, err);
		if (ret)
			return ret;
	}
	return 0;
}

static int lent_order(const void *a, const void *b)
{
	return strcmp((*(const struct ksym *const *)a)->undef,
		      (*(const struct ksym *const *)b)->undef);
}

static uint32_t add_name(struct elf_out *out, uint32_t sec, const char *s)
{
	return (uint32_t)elf_out_append(out, sec, s, strlen(s) + 1, 1);
}

/* The table that klp-apply reads from the file and hands to the core. */
static void add_lent(struct rewrite *w)
{
	uint32_t strings = 1;	/* bytes */
	uint32_t syms = elf_out_section(w->out, QP_SEC_SYMBOLS, SHT_PROGBITS, 0, 8, 0);
	uint32_t strs = elf_out_section(w->out, QP_SEC_STRINGS, SHT_PROGBITS, 0, 1, 0);

	elf_out_append(w->out, strs, "", 1, 1);
	qsort(w->lent, w->nr_lent, sizeof(*w->lent), lent_order);
	for (size_t i = 0; i < w->nr_lent; i++) {
		const struct ksym *k = w->lent[i];
		struct qp_sym_desc d = { .offset = k->offset, .flags = k->flags };

		d.name = add_name(w->out, strs, k->undef);
		/* "qp.vmlinux.NAME" has NAME as its end: room is short in the core. */
		d.kname = ends_with(k->undef, k->name) ?
			  d.name + (uint32_t)(strlen(k->undef) - strlen(k->name)) :
			  add_name(w->out, strs, k->name);
		strings = d.kname + (uint32_t)strlen(k->name) + 1;
		elf_out_append(w->out, syms, &d, sizeof(d), 8);
	}
	if (w->nr_lent > QP_LEND_MAX || strings > QP_LEND_STRINGS)
		report_refuse(w->b->report, REFUSE_OTHER, NULL, w->b->fix->files[0].path, 0,
			      "build the fix as several patches, each with some of its files",
			      "it uses %zu symbols that the kernel doesn't export, with %u bytes of names; the core lends %u, with %u, to a patch",
			      w->nr_lent, strings, QP_LEND_MAX, QP_LEND_STRINGS);
}

static int rewrite(struct rewrite *w, const char *path, struct klp_err *err)
{
	int ret = 0;

	copy_sections(w);
	for (size_t i = 1; i < w->in->nr_sections && !ret; i++)
		if (w->section[i])
			ret = copy_relocs(w, i, err);
	if (!ret)
		ret = copy_symbols(w, err);
	if (ret)
		return ret;
	add_lent(w);
	return elf_out_write(w->out, path, err);
}

int relocs_finish(const struct build *b, const char *ko, const char *out, struct klp_err *err)
{
	struct rewrite w = { .b = b };
	struct elf_file *in = NULL;
	int ret = elf_open(ko, &in, err);

	if (ret)
		return ret;
	w.in = in;
	w.out = elf_out_new();
	w.section = calloc(in->nr_sections, sizeof(*w.section));
	w.base = calloc(in->nr_sections, sizeof(*w.base));
	w.symbol = calloc(in->nr_symbols, sizeof(*w.symbol));
	w.lent = calloc(b->extract->nr_ksyms + 1, sizeof(*w.lent));
	if (!w.out || !w.section || !w.base || !w.symbol || !w.lent)
		ret = klp_err_set(err, -ENOMEM, "out of memory for %s", ko);
	else
		ret = rewrite(&w, out, err);
	elf_out_free(w.out);
	free(w.section);
	free(w.base);
	free(w.symbol);
	free(w.lent);
	elf_close(in);
	return ret;
}
