// SPDX-License-Identifier: GPL-2.0-or-later
/* image.c - see image.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "image.h"
#include "quietpatch.h"
#include "search.h"
#include "target.h"

#define SECTION_SHIFT 40	/* place in a module = (section + 1) << 40 | offset */

uint64_t image_address(uint32_t shndx, uint64_t off)
{
	return ((uint64_t)(shndx + 1) << SECTION_SHIFT) + off;
}

const struct elf_section *image_section(const struct image *img, uint64_t addr, uint64_t *off)
{
	uint64_t shndx = addr >> SECTION_SHIFT;

	if (!shndx || shndx > img->ko->nr_sections)
		return NULL;
	*off = addr & ((1ull << SECTION_SHIFT) - 1);
	return &img->ko->sections[shndx - 1];
}

static int cmp_names(const void *a, const void *b, void *arg)
{
	const struct elf_symbol *symbols = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = strcmp(symbols[x].name, symbols[y].name);

	return c ? c : x < y ? -1 : x > y;
}

int image_open(const struct target *t, const char *ko_path, struct image *img,
	       struct klp_err *err)
{
	int ret;

	*img = (struct image){ .target = t };
	if (!ko_path)
		return 0;
	ret = elf_open(ko_path, &img->ko, err);
	if (ret)
		return ret;
	if (!elf_is_object(img->ko)) {
		image_close(img);
		return klp_err_set(err, -EINVAL, "%s: a linked image, not a module", ko_path);
	}
	img->by_name = xcalloc(img->ko->nr_symbols, sizeof(*img->by_name));
	for (size_t i = 1; i < img->ko->nr_symbols; i++) {
		const struct elf_symbol *sym = &img->ko->symbols[i];

		if (*sym->name && sym->shndx && sym->shndx < img->ko->nr_sections &&
		    sym->type != STT_FILE)
			img->by_name[img->nr_by_name++] = i;
	}
	qsort_r(img->by_name, img->nr_by_name, sizeof(*img->by_name), cmp_names,
		img->ko->symbols);
	return 0;
}

void image_close(struct image *img)
{
	elf_close(img->ko);
	free(img->by_name);
	*img = (struct image){ 0 };
}

const uint8_t *image_bytes(const struct image *img, uint64_t addr, uint64_t len)
{
	const struct elf_section *sec;
	uint64_t off;

	if (!img->ko)
		return target_bytes(img->target, addr, len);
	sec = image_section(img, addr, &off);
	if (!sec || !sec->data || off > sec->size || len > sec->size - off)
		return NULL;
	return sec->data + off;
}

static uint64_t read_signed(const uint8_t *p, int width)
{
	int32_t v32;
	int64_t v64;

	if (width == 4) {
		memcpy(&v32, p, sizeof(v32));
		return (int64_t)v32;
	}
	memcpy(&v64, p, sizeof(v64));
	return v64;
}

static const struct elf_reloc *reloc_at(const struct elf_section *sec, uint64_t off)
{
	size_t i = elf_reloc_first(sec, off);

	/* objtool turns relocations that it has no use for into R_X86_64_NONE. */
	while (i < sec->nr_relocs && sec->relocs[i].offset == off &&
	       sec->relocs[i].type == R_X86_64_NONE)
		i++;
	return i < sec->nr_relocs && sec->relocs[i].offset == off ? &sec->relocs[i] : NULL;
}

static int module_field(const struct image *img, uint64_t addr, uint32_t type, struct field *out)
{
	const struct elf_section *sec;
	const struct elf_symbol *sym;
	const struct elf_reloc *r;
	uint64_t off;

	sec = image_section(img, addr, &off);
	if (!sec)
		return -ENOENT;
	r = reloc_at(sec, off);
	if (!r) {
		/* Within a section the assembler needs none. */
		if (!elf_reloc_pcrel(type) || !image_bytes(img, addr, 4))
			return -ENOENT;
		out->value = addr + read_signed(image_bytes(img, addr, 4), 4);
		return 0;
	}
	if (elf_reloc_pcrel(r->type) != elf_reloc_pcrel(type) ||
	    elf_reloc_width(r->type) != elf_reloc_width(type))
		return -ENOENT;
	sym = &img->ko->symbols[r->sym];
	out->value = r->addend;
	if (sym->shndx == SHN_UNDEF || sym->shndx == SHN_COMMON)
		out->undef = sym->name;
	else if (sym->shndx == SHN_ABS)
		out->value += sym->value;
	else
		out->value += image_address(sym->shndx, sym->value);
	return 0;
}

int image_field(const struct image *img, uint64_t addr, uint32_t type, struct field *out)
{
	int width = elf_reloc_width(type);
	const uint8_t *p;

	*out = (struct field){ 0 };
	if (width < 4)
		return -ENOENT;
	if (img->ko)
		return module_field(img, addr, type, out);
	p = image_bytes(img, addr, width);
	if (!p)
		return -ENOENT;
	out->value = read_signed(p, width);
	if (type == R_X86_64_32)
		out->value &= 0xffffffff;
	if (elf_reloc_pcrel(type))
		out->value += addr;
	return 0;
}

static bool linkage_fits(const struct target_symbol *s, bool global)
{
	/* Absolute ones (per-CPU data) show no linkage. */
	return s->type == 'A' || s->type == 'a' || !!isupper((unsigned char)s->type) == global;
}

/* First index in by_name of a symbol called @name. */
static size_t first_named(const struct image *img, const char *name)
{
	return lower_bound(img->nr_by_name, i, strcmp(img->ko->symbols[img->by_name[i]].name, name) < 0);
}

size_t image_lookup(const struct image *img, const char *name, bool global,
		    uint64_t *out, size_t max)
{
	const struct target_symbol *s;
	size_t n = 0, pos = 0;

	if (!img->ko) {
		while ((s = target_symbol_next(img->target, name, &pos))) {
			if (!linkage_fits(s, global))
				continue;
			if (n < max)
				out[n] = s->address;
			n++;
		}
		return n;
	}
	for (size_t i = first_named(img, name); i < img->nr_by_name; i++) {
		const struct elf_symbol *sym = &img->ko->symbols[img->by_name[i]];

		if (strcmp(sym->name, name))
			break;
		if ((sym->bind != STB_LOCAL) != global)
			continue;
		if (n < max)
			out[n] = image_address(sym->shndx, sym->value);
		n++;
	}
	return n;
}

int target_init_range(const struct target *t, uint64_t *begin, uint64_t *end)
{
	const struct target_symbol *s, *e;
	size_t pos = 0, end_pos = 0;

	s = target_symbol_next(t, "__init_begin", &pos);
	e = target_symbol_next(t, "__init_end", &end_pos);
	if (!s || !e || e->address < s->address)
		return -ENOENT;
	*begin = s->address;
	*end = e->address;
	return 0;
}

/* Per-CPU data of 6.15 and newer lies among it, too; what is freed is the copy that the CPUs' own were made from. */
static bool is_percpu(const struct image *img, uint64_t addr)
{
	const struct elf_section *pc = elf_section(img->target->image, ".data..percpu");

	return pc && addr >= pc->addr && addr - pc->addr < pc->size;
}

bool image_is_freed(const struct image *img, uint64_t addr)
{
	const struct elf_section *sec;
	uint64_t begin, end, off;

	if (!img->ko)
		return !target_init_range(img->target, &begin, &end) && addr >= begin && addr < end &&
		       !is_percpu(img, addr);
	/* As module_init_section() has it. */
	sec = image_section(img, addr, &off);
	return sec && !strncmp(sec->name, ".init", 5);
}

/* Not to be written to once the kernel has booted, by anybody. */
static bool is_sealed(const struct image *img, uint64_t addr)
{
	const struct target_symbol *s, *e;
	size_t pos = 0, end_pos = 0;

	s = target_symbol_next(img->target, "__start_rodata", &pos);
	e = target_symbol_next(img->target, "__end_rodata", &end_pos);
	return s && e && addr >= s->address && addr < e->address;
}

static int vmlinux_place(const struct image *img, uint64_t addr, const char *name,
			 struct kernel_place *out)
{
	const struct target_symbol *s, *found = NULL;
	uint32_t count = 0, at = 0;
	size_t pos = 0;

	while ((s = target_symbol_next(img->target, name, &pos))) {
		count++;
		if (s->address == addr && !found) {
			found = s;
			at = count;
		}
	}
	if (!found)
		return -ENOENT;
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->sympos = count > 1 ? at : 0;
	out->address = addr;
	out->size = target_symbol_size(img->target, found);
	out->percpu = is_percpu(img, addr);
	out->sealed = is_sealed(img, addr);
	return 0;
}

const char *place_listed(const struct target *t, const char *object, const struct kernel_place *place)
{
	const char *listed = strcmp(object, QP_VMLINUX) ? NULL : target_listed(t, place->address);

	return listed ? listed : place->name;
}

static int module_place(const struct image *img, uint64_t addr, const char *name,
			struct kernel_place *out)
{
	uint32_t count = 0, at = 0;
	uint64_t off;
	const struct elf_section *sec = image_section(img, addr, &off);

	if (!sec)
		return -ENOENT;
	for (size_t i = first_named(img, name); i < img->nr_by_name; i++) {
		const struct elf_symbol *sym = &img->ko->symbols[img->by_name[i]];

		if (strcmp(sym->name, name))
			break;
		count++;
		if (sym->shndx == sec->index && sym->value == off && !at) {
			at = count;
			out->size = sym->size;
		}
	}
	if (!at)
		return -ENOENT;
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->sympos = count > 1 ? at : 0;
	out->address = off;
	out->section = sec->name;
	out->percpu = !strncmp(sec->name, ".data..percpu", 13);
	return 0;
}

int image_place(const struct image *img, uint64_t addr, const char *name,
		struct kernel_place *out)
{
	struct kernel_place place = { 0 };
	const struct elf_section *sec;
	const struct elf_symbol *sym;
	uint64_t off;
	int ret;

	ret = img->ko ? module_place(img, addr, name, &place) :
			vmlinux_place(img, addr, name, &place);
	/* The shipped object may number it differently: count.12 there, count.11 here. */
	if (ret && img->ko) {
		sec = image_section(img, addr, &off);
		sym = sec ? elf_symbol_at(img->ko, sec->index, off) : NULL;
		if (sym && sym->value == off)
			ret = module_place(img, addr, sym->name, &place);
	} else if (ret) {
		/* The first at that address. */
		size_t lo = addr ? target_symbols_until(img->target, addr - 1) : 0;

		if (lo < img->target->nr_symbols && img->target->symbols[lo].address == addr)
			ret = vmlinux_place(img, addr, img->target->symbols[lo].name, &place);
	}
	if (ret)
		return ret;
	*out = place;
	out->freed = image_is_freed(img, addr);
	return 0;
}
