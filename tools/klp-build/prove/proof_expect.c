// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * proof_expect.c - which bytes of a shipped function boot or load rewrites, and
 * the digest of all others; the core compares them with live memory.
 *
 * The places come from the shipped object's own tables (x86_64).
 */
#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/xalloc.h"
#include "object/canon.h"
#include "proof_priv.h"
#include "quietpatch.h"
#include "target/target.h"

struct expect {
	const struct image *img;
	uint64_t addr, size;
	const uint8_t *bytes;
	struct qp_mask *masks;
	size_t nr;
};

/* How many bytes a site's patcher may write, from the instruction that is there. */
typedef unsigned int site_len_fn(const uint8_t *insn, uint64_t left);

static void mask(struct expect *e, uint64_t addr, uint64_t len)
{
	if (addr < e->addr || addr - e->addr >= e->size)
		return;
	if (len > e->size - (addr - e->addr))
		len = e->size - (addr - e->addr);
	if (!len)
		return;
	e->masks = xgrow(e->masks, e->nr, sizeof(*e->masks));
	e->masks[e->nr++] = (struct qp_mask){ .offset = addr - e->addr, .len = len };
}

static void mask_site(struct expect *e, uint64_t addr, site_len_fn *len)
{
	if (addr < e->addr || addr - e->addr >= e->size)
		return;
	mask(e, addr, len(e->bytes + (addr - e->addr), e->size - (addr - e->addr)));
}

static unsigned int len_one(const uint8_t *insn, uint64_t left)
{
	(void)insn;
	(void)left;
	return 1;
}

static unsigned int len_four(const uint8_t *insn, uint64_t left)
{
	(void)insn;
	(void)left;
	return 4;
}

static unsigned int len_eight(const uint8_t *insn, uint64_t left)
{
	(void)insn;
	(void)left;
	return 8;
}

static unsigned int len_call(const uint8_t *insn, uint64_t left)
{
	unsigned int n = 5;	/* call rel32, jmp rel32, the 5-byte NOP of ftrace */

	while (left > 1 && *insn == 0x2e) {	/* -mindirect-branch-cs-prefix */
		insn++;
		left--;
		n++;
	}
	return left && *insn == 0x0f && left > 1 && (insn[1] & 0xf0) == 0x80 ? n + 1 : n;
}

static unsigned int len_jump_label(const uint8_t *insn, uint64_t left)
{
	return (*insn == 0xeb || (left > 1 && insn[0] == 0x66 && insn[1] == 0x90)) ? 2 : 5;
}

/* ---- vmlinux: linked tables ---- */

static uint64_t address_of(const struct target *t, const char *name)
{
	size_t pos = 0;
	const struct target_symbol *s = target_symbol_next(t, name, &pos);

	return s ? s->address : 0;
}

/* A table between two symbols; 0 bytes if the kernel has none. */
static const uint8_t *table_between(const struct target *t, const char *start, const char *stop,
				    uint64_t *addr, size_t *len)
{
	uint64_t from = address_of(t, start), to = address_of(t, stop);
	const uint8_t *p = from && to > from ? target_bytes(t, from, to - from) : NULL;

	*addr = from;
	*len = p ? to - from : 0;
	return p;
}

/* Entries of @entsize bytes that start with the distance from themselves to the site. */
static void mask_relative(struct expect *e, const uint8_t *p, uint64_t addr, size_t len,
			  size_t entsize, site_len_fn *site)
{
	for (size_t i = 0; i + entsize <= len; i += entsize)
		mask_site(e, addr + i + (int32_t)get32(p + i), site);
}

static void vmlinux_section(struct expect *e, const char *name, size_t entsize, site_len_fn *site)
{
	const struct elf_section *sec = elf_section(e->img->target->image, name);

	if (!sec || !sec->data)
		return;
	mask_relative(e, sec->data, sec->addr, sec->size, entsize, site);
}

/*
 * struct alt_instr: s32 place, s32 replacement, ..., u8 instrlen, u8 replacementlen;
 * 12 bytes in 6.1, 14 since 6.3 (cpuid and flags became 32 bits).
 */
static size_t alt_entsize(const struct target *t)
{
	return t->major > 6 || (t->major == 6 && t->minor >= 3) ? 14 : 12;
}

static int vmlinux_alternatives(struct expect *e)
{
	const struct elf_section *sec = elf_section(e->img->target->image, ".altinstructions");
	size_t entsize = alt_entsize(e->img->target);

	if (!sec || !sec->data)
		return 0;
	if (sec->size % entsize)
		return -EINVAL;
	for (size_t i = 0; i < sec->size; i += entsize)
		mask(e, sec->addr + i + (int32_t)get32(sec->data + i), sec->data[i + entsize - 2]);
	return 0;
}

/* struct paravirt_patch_site: u64 place, u8 type, u8 len, padded to 16 (until 6.7). */
static void vmlinux_paravirt(struct expect *e)
{
	const struct elf_section *sec = elf_section(e->img->target->image, ".parainstructions");

	if (!sec || !sec->data)
		return;
	for (size_t i = 0; i + 16 <= sec->size; i += 16)
		mask(e, get64(sec->data + i), sec->data[i + 9]);
}

/* Sections "runtime_ptr_*", "runtime_shift_*" (6.12 on): s32 distances to an immediate. */
static void vmlinux_runtime_consts(struct expect *e)
{
	const struct target *t = e->img->target;
	static const char start[] = "__start_runtime_";

	for (size_t i = 0; i < t->nr_symbols; i++) {
		const char *name = t->symbols[i].name;
		char stop[256];
		const uint8_t *p;
		uint64_t addr;
		size_t len;

		if (strncmp(name, start, sizeof(start) - 1))
			continue;
		snprintf(stop, sizeof(stop), "__stop_%s", name + strlen("__start_"));
		p = table_between(t, name, stop, &addr, &len);
		if (p)
			mask_relative(e, p, addr, len, 4,
					    strstr(name, "_ptr_") ? len_eight :
					    strstr(name, "_shift_") ? len_one : len_four);
	}
}

static int vmlinux_sites(struct expect *e)
{
	static const struct {
		const char *name;
		site_len_fn *len;
	} sections[] = {
		{ ".smp_locks", len_one },
		{ ".retpoline_sites", len_call },
		{ ".return_sites", len_call },
		{ ".call_sites", len_call },
		{ ".ibt_endbr_seal", len_four },
	};
	const struct target *t = e->img->target;
	const uint8_t *p;
	uint64_t addr;
	size_t len;
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(sections) / sizeof(sections[0]); i++)
		vmlinux_section(e, sections[i].name, 4, sections[i].len);
	if (!ret)
		ret = vmlinux_alternatives(e);
	if (!ret)
		vmlinux_paravirt(e);
	if (!ret)
		vmlinux_runtime_consts(e);
	p = table_between(t, "__start___jump_table", "__stop___jump_table", &addr, &len);
	if (!ret)
		mask_relative(e, p, addr, len, 16, len_jump_label);
	p = table_between(t, "__start_static_call_sites", "__stop_static_call_sites", &addr, &len);
	if (!ret)
		mask_relative(e, p, addr, len, 8, len_call);
	p = table_between(t, "__start_mcount_loc", "__stop_mcount_loc", &addr, &len);
	for (size_t i = 0; !ret && i + 8 <= len; i += 8)
		mask_site(e, get64(p + i), len_call);
	return ret;
}

/*
 * Fields that move with KASLR: absolute addresses, and distances to what doesn't
 * move along (zero-based per-CPU data).
 */
static void vmlinux_relocs(struct expect *e, const struct elf_file *ef,
			   const struct elf_symbol *sym)
{
	const struct elf_section *sec = &ef->sections[sym->shndx];

	for (size_t i = 0; i < sec->nr_relocs; i++) {
		const struct elf_reloc *r = &sec->relocs[i];
		uint64_t addr = e->addr + (r->offset - sym->value);
		struct field f;

		if (r->offset < sym->value || r->offset - sym->value >= sym->size ||
		    image_field(e->img, addr, r->type, &f))
			continue;
		if (!elf_reloc_pcrel(r->type) || (int64_t)f.value >= 0)
			mask(e, addr, elf_reloc_width(r->type));
	}
}

/* ---- module: tables with relocations ---- */

static void module_table(struct expect *e, const struct elf_section *tab)
{
	static const struct {
		const char *name;
		size_t entsize;
		site_len_fn *len;	/* NULL: the entry holds it */
		size_t len_at;
	} tables[] = {
		{ ".smp_locks", 4, len_one, 0 },
		{ ".retpoline_sites", 4, len_call, 0 },
		{ ".return_sites", 4, len_call, 0 },
		{ ".call_sites", 4, len_call, 0 },
		{ ".ibt_endbr_seal", 4, len_four, 0 },
		{ "__jump_table", 16, len_jump_label, 0 },
		{ ".static_call_sites", 8, len_call, 0 },
		{ "__mcount_loc", 8, len_call, 0 },
		{ ".parainstructions", 16, NULL, 9 },
		{ ".altinstructions", 0, NULL, 0 },
	};
	size_t k = 0, entsize, len_at;

	while (k < sizeof(tables) / sizeof(tables[0]) && strcmp(tab->name, tables[k].name))
		k++;
	if (k == sizeof(tables) / sizeof(tables[0]) || !tab->data)
		return;
	entsize = tables[k].entsize ? tables[k].entsize : alt_entsize(e->img->target);
	len_at = tables[k].entsize ? tables[k].len_at : entsize - 2;
	for (size_t i = 0; i < tab->nr_relocs; i++) {
		const struct elf_reloc *r = &tab->relocs[i];
		struct field f;
		uint64_t base = image_address(tab->index, r->offset);

		/* The first field of each entry is the site. */
		if (r->offset % entsize || image_field(e->img, base, r->type, &f) || f.undef)
			continue;
		if (tables[k].len)
			mask_site(e, f.value, tables[k].len);
		else
			mask(e, f.value, tab->data[r->offset + len_at]);
	}
}

static void module_sites(struct expect *e)
{
	const struct elf_section *sec;
	uint64_t off;

	for (size_t i = 1; i < e->img->ko->nr_sections; i++)
		module_table(e, &e->img->ko->sections[i]);
	sec = image_section(e->img, e->addr, &off);
	for (size_t i = 0; sec && i < sec->nr_relocs; i++)
		mask(e, e->addr + (sec->relocs[i].offset - off), elf_reloc_width(sec->relocs[i].type));
}

static int cmp_masks(const void *a, const void *b)
{
	const struct qp_mask *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Ascending and apart. */
static void merge_masks(struct expect *e)
{
	size_t n = 0;

	if (e->nr)
		qsort(e->masks, e->nr, sizeof(*e->masks), cmp_masks);
	for (size_t i = 0; i < e->nr; i++) {
		struct qp_mask *m = &e->masks[i], *last = n ? &e->masks[n - 1] : NULL;
		uint32_t end = m->offset + m->len;

		if (last && m->offset <= last->offset + last->len) {
			if (end > last->offset + last->len)
				last->len = end - last->offset;
			continue;
		}
		e->masks[n++] = *m;
	}
	e->nr = n;
}

static void digest_masked(const struct expect *e, uint8_t digest[32])
{
	uint8_t *copy = xmalloc(e->size);

	memcpy(copy, e->bytes, e->size);
	for (size_t i = 0; i < e->nr; i++)
		memset(copy + e->masks[i].offset, 0, e->masks[i].len);
	SHA256(copy, e->size, digest);
	free(copy);
}

int proof_expectation(const struct unit *u, const struct elf_symbol *orig,
		      struct qp_mask **masks, size_t *nr, uint8_t digest[32])
{
	const struct elf_symbol *sym;
	struct expect e = { 0 };
	const struct solver *s;
	int ret = 0;

	s = proof_solver(u, orig, &sym);
	if (!s || solver_address(s, sym, &e.addr))
		return -ENOENT;
	e.img = s->img;
	e.size = sym->size;
	e.bytes = image_bytes(e.img, e.addr, e.size);
	if (!e.bytes)
		return -ENOENT;
	if (e.img->ko)
		module_sites(&e);
	else
		ret = vmlinux_sites(&e);
	if (ret) {
		free(e.masks);
		return ret;
	}
	if (!e.img->ko)
		vmlinux_relocs(&e, s->ef, sym);
	merge_masks(&e);
	digest_masked(&e, digest);
	*masks = e.masks;
	*nr = e.nr;
	return 0;
}
