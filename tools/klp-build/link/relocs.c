// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * relocs.c - the last pass over the linked module, before it is signed.
 *
 *  - References to symbols of modules leave the relocation tables: the stock
 *    loader would refuse the patch while the module isn't there.  The core writes
 *    them from .qp.relocs, which the link has filled.
 *  - Symbols of vmlinux that aren't exported become QP_ANCHOR plus a distance, which is a
 *    constant of the kernel's image; .qp.symbols tells the core what must lie there, and
 *    an undefined symbol with the table's digest keeps the loader from linking the module
 *    before the core has compared it.
 *  - Every symbol that is still undefined must be one that the loader can find: an
 *    export of vmlinux or the core's own.
 *  - What neither loader nor core reads (debug data, names of labels) is left out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "compile/api.h"
#include "extract/extract.h"
#include "fix/fix.h"
#include "hex.h"
#include "link.h"
#include "object/elf_write.h"
#include "quietpatch.h"
#include "target/target.h"

struct rewrite {
	const struct build *b;
	const struct elf_file *in;
	struct elf_out *out;
	uint32_t *section;	/* per input section: handle, 0 = dropped */
	uint64_t *base;		/* per input section: where its bytes went */
	uint32_t *symbol;	/* per input symbol: handle, 0 = not there (yet) */
	const struct ksym **ksym;	/* per input symbol: what it stands for, if it is the kernel's */
	const struct ksym **used;	/* what the table has to list */
	size_t nr_used;
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

static bool is_anchored(const struct ksym *k)
{
	return k && !k->plain && !k->late && !(k->flags & QP_SYM_PERCPU);
}

static int check_undefined(const struct rewrite *w, const char *name, struct klp_err *err)
{
	const struct extract *x = w->b->extract;

	if (api_has(name) ||
	    bsearch(&name, x->exports, x->nr_exports, sizeof(*x->exports), name_order))
		return 0;
	return klp_err_set(err, -ENOENT,
			   "the patch module refers to %s, which kernel %s doesn't export and the fix doesn't define",
			   name, w->b->target->krel);
}

static void add_used(struct rewrite *w, const struct ksym *k)
{
	for (size_t i = 0; i < w->nr_used; i++)
		if (w->used[i] == k)
			return;
	w->used[w->nr_used++] = k;
}

static int map_undefined(struct rewrite *w, uint32_t n, struct klp_err *err)
{
	const struct elf_symbol *s = &w->in->symbols[n];
	const struct ksym *k = w->ksym[n];
	int ret;

	if (k && !k->plain) {
		add_used(w, k);
		/* KASLR doesn't move it: no distance from the anchor, but a number. */
		w->symbol[n] = is_anchored(k) ? elf_out_undef(w->out, QP_ANCHOR, STB_GLOBAL) :
			elf_out_symbol(w->out, k->undef, STB_LOCAL, STT_OBJECT, ELF_OUT_ABS,
				       (uint64_t)k->offset, 0);
		return 0;
	}
	ret = k || s->bind == STB_WEAK ? 0 : check_undefined(w, s->name, err);
	if (!ret)
		w->symbol[n] = elf_out_undef(w->out, s->name, s->bind);
	return ret;
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
			ret = map_undefined(w, n, err);
			if (ret)
				return ret;
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

static bool is_late(const struct rewrite *w, uint32_t sym)
{
	return w->ksym[sym] && w->ksym[sym]->late;
}

/* From symbol @k to the anchor.  The loader doesn't mind what overflows, so it has to be seen here. */
static int anchor_addend(const struct ksym *k, uint32_t type, int64_t *addend, struct klp_err *err)
{
	int64_t sum;
	bool narrow = true;

	switch (type) {
	case R_X86_64_64:
	case R_X86_64_PC64:
		narrow = false;
		break;
	case R_X86_64_32:
	case R_X86_64_32S:
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		break;
	default:
		return klp_err_set(err, -EINVAL,
				   "the patch module has a relocation of type %u to %s, which isn't exported; only plain and PC-relative addresses can be counted from %s",
				   type, k->name, QP_ANCHOR);
	}
	if (__builtin_add_overflow(*addend, k->offset, &sum) || (narrow && sum != (int32_t)sum))
		return klp_err_set(err, -ERANGE,
				   "the patch module refers to %s%+lld, which is too far from %s (%+lld) for a relocation of type %u",
				   k->name, (long long)*addend, QP_ANCHOR, (long long)k->offset, type);
	*addend = sum;
	return 0;
}

/* @base: what to add to offsets in the section. */
static int copy_reloc(struct rewrite *w, size_t n, const struct elf_reloc *r, uint64_t base,
		      struct klp_err *err)
{
	const struct elf_symbol *sym = &w->in->symbols[r->sym];
	int64_t addend = r->addend;
	uint32_t to;
	int ret;

	if (r->type == R_X86_64_NONE || is_late(w, r->sym))
		return 0;
	ret = map_symbol(w, r->sym, &to, err);
	if (!ret && is_anchored(w->ksym[r->sym]))
		ret = anchor_addend(w->ksym[r->sym], r->type, &addend, err);
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
			late |= is_late(w, s->relocs[r].sym);
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

static int used_order(const void *a, const void *b)
{
	return strcmp((*(const struct ksym *const *)a)->undef,
		      (*(const struct ksym *const *)b)->undef);
}

/* @bytes: the table with its strings behind it, as the core gets them. */
static int add_verified(struct rewrite *w, const struct text *bytes, struct klp_err *err)
{
	char name[sizeof(QP_VERIFIED) + SHA256_HEX_LEN] = QP_VERIFIED;
	int ret = sha256_hex(bytes->s, bytes->len, name + strlen(QP_VERIFIED));

	if (ret)
		return klp_err_sys(err, ret, "cannot digest the table of symbols");
	elf_out_undef(w->out, name, STB_GLOBAL);
	return 0;
}

/* The table that klp-apply reads from the file and hands to the core. */
static int add_table(struct rewrite *w, struct klp_err *err)
{
	uint32_t syms = elf_out_section(w->out, QP_SEC_SYMBOLS, SHT_PROGBITS, 0, 8, 0);
	uint32_t strs = elf_out_section(w->out, QP_SEC_STRINGS, SHT_PROGBITS, 0, 1, 0);
	struct text table = { 0 }, strings = { 0 };
	size_t nr_strings;
	int ret = 0;

	qsort(w->used, w->nr_used, sizeof(*w->used), used_order);
	for (size_t i = 0; i < w->nr_used; i++) {
		const struct ksym *k = w->used[i];
		struct qp_sym_desc d = { .name = (uint32_t)strings.len, .flags = k->flags,
					 .offset = k->offset };

		text_add(&table, (const char *)&d, sizeof(d));
		text_add(&strings, k->listed, strlen(k->listed) + 1);
	}
	nr_strings = strings.len;
	if (nr_strings) {
		elf_out_append(w->out, syms, table.s, table.len, 8);
		elf_out_append(w->out, strs, strings.s, strings.len, 1);
		text_add(&table, strings.s, strings.len);
	}
	if (w->nr_used > QP_SYMBOLS_MAX || nr_strings > QP_STRINGS_MAX)
		report_refuse(w->b->report, REFUSE_OTHER, NULL, w->b->fix->files[0].path, 0,
			      "build the fix as several patches, each with some of its files",
			      "it uses %zu symbols that the kernel doesn't export, with %zu bytes of names; the core takes %u, with %u, from a patch",
			      w->nr_used, nr_strings, QP_SYMBOLS_MAX, QP_STRINGS_MAX);
	else if (nr_strings)
		ret = add_verified(w, &table, err);
	text_free(&table);
	text_free(&strings);
	return ret;
}

static int rewrite(struct rewrite *w, const char *path, struct klp_err *err)
{
	int ret = 0;

	for (uint32_t i = 1; i < w->in->nr_symbols; i++)
		if (w->in->symbols[i].shndx == SHN_UNDEF)
			w->ksym[i] = ksym_find(w->b->extract, w->in->symbols[i].name);
	copy_sections(w);
	for (size_t i = 1; i < w->in->nr_sections && !ret; i++)
		if (w->section[i])
			ret = copy_relocs(w, i, err);
	if (!ret)
		ret = copy_symbols(w, err);
	if (!ret)
		ret = add_table(w, err);
	return ret ? ret : elf_out_write(w->out, path, err);
}

/* Each array of the description is in the module, whole: what was counted is what was linked. */
static int check_arrays(const struct extract *x, const struct elf_file *ko, struct klp_err *err)
{
	const struct { const char *name; uint64_t size; } arrays[] = {
		{ QP_SEC_FUNCS, x->nr_funcs * sizeof(struct qp_func_desc) },
		{ QP_SEC_RELOCS, x->nr_relocs * sizeof(struct qp_reloc_desc) },
		{ QP_SEC_CALLBACKS, x->nr_callbacks * sizeof(struct qp_callback_desc) },
		{ QP_SEC_STATES, x->nr_states * sizeof(struct qp_state_desc) },
	};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(*arrays); i++) {
		const struct elf_section *sec = elf_section(ko, arrays[i].name);
		uint64_t size = sec ? sec->size : 0;

		if (size != arrays[i].size)
			return klp_err_set(err, -EPROTO, "the linked module has %llu bytes of %s, but the patch needs %llu: "
					   "a bug in klp-build; please report the fix", (unsigned long long)size,
					   arrays[i].name, (unsigned long long)arrays[i].size);
	}
	return 0;
}

int relocs_finish(const struct build *b, const char *ko, const char *out, struct klp_err *err)
{
	struct rewrite w = { .b = b };
	struct elf_file *in = NULL;
	int ret = elf_open(ko, &in, err);

	if (!ret)
		ret = check_arrays(b->extract, in, err);
	if (ret) {
		elf_close(in);
		return ret;
	}
	w.in = in;
	w.out = elf_out_new();
	w.section = xcalloc(in->nr_sections, sizeof(*w.section));
	w.base = xcalloc(in->nr_sections, sizeof(*w.base));
	w.symbol = xcalloc(in->nr_symbols, sizeof(*w.symbol));
	w.ksym = xcalloc(in->nr_symbols, sizeof(*w.ksym));
	w.used = xcalloc(b->extract->nr_ksyms + 1, sizeof(*w.used));
	ret = rewrite(&w, out, err);
	elf_out_free(w.out);
	free(w.section);
	free(w.base);
	free(w.symbol);
	free(w.ksym);
	free(w.used);
	elf_close(in);
	return ret;
}
