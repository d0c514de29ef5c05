// SPDX-License-Identifier: GPL-2.0-or-later
/* elf_write.c - see elf_write.h. */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "elf_write.h"

struct out_section {
	char *name;
	uint32_t type;
	uint64_t flags, align, entsize;
	uint8_t *data;			/* stays NULL for SHT_NOBITS */
	uint64_t size, room;
	Elf64_Rela *relocs;		/* r_info holds the handle until the file is written */
	size_t nr_relocs, room_relocs;
	uint32_t symbol;		/* of type STT_SECTION, 0 = none yet */
};

struct out_symbol {
	char *name;
	uint32_t sec;
	Elf64_Sym sym;
};

struct elf_out {
	struct out_section *sections;	/* [0] is the null section */
	size_t nr_sections, room_sections;
	struct out_symbol *symbols;	/* [0] is the null symbol */
	size_t nr_symbols, room_symbols;
};

/* @array with room for one more, in zeros. */
static void *grow(void *array, size_t nr, size_t *room, size_t size)
{
	size_t want = *room ? *room * 2 : 16;
	void *more;

	if (nr < *room)
		return array;
	more = xreallocarray(array, want, size);
	memset((char *)more + *room * size, 0, (want - *room) * size);
	*room = want;
	return more;
}

struct elf_out *elf_out_new(void)
{
	struct elf_out *out = xcalloc(1, sizeof(*out));

	out->sections = grow(NULL, 0, &out->room_sections, sizeof(*out->sections));
	out->symbols = grow(NULL, 0, &out->room_symbols, sizeof(*out->symbols));
	out->nr_sections = out->nr_symbols = 1;
	return out;
}

void elf_out_free(struct elf_out *out)
{
	if (!out)
		return;
	for (size_t i = 0; i < out->nr_sections; i++) {
		free(out->sections[i].name);
		free(out->sections[i].data);
		free(out->sections[i].relocs);
	}
	for (size_t i = 0; i < out->nr_symbols; i++)
		free(out->symbols[i].name);
	free(out->sections);
	free(out->symbols);
	free(out);
}

uint32_t elf_out_section(struct elf_out *out, const char *name, uint32_t type, uint64_t flags,
			 uint64_t align, uint64_t entsize)
{
	struct out_section *s;

	for (uint32_t i = 1; i < out->nr_sections; i++) {
		s = &out->sections[i];
		if (s->type == type && s->flags == flags && s->name && !strcmp(s->name, name)) {
			if (s->align < align)
				s->align = align;
			return i;
		}
	}
	out->sections = grow(out->sections, out->nr_sections, &out->room_sections, sizeof(*out->sections));
	s = &out->sections[out->nr_sections];
	s->name = xstrdup(name);
	s->type = type;
	s->flags = flags;
	s->align = align ? align : 1;
	s->entsize = entsize;
	return out->nr_sections++;
}

uint64_t elf_out_append(struct elf_out *out, uint32_t sec, const void *data, uint64_t len,
			uint64_t align)
{
	struct out_section *s = &out->sections[sec];
	uint64_t start = s->size, end;

	if (align > 1)
		start = (start + align - 1) / align * align;
	end = start + len;
	if (s->type == SHT_NOBITS) {
		s->size = end;
		return start;
	}
	if (end > s->room) {
		s->room = end * 2;
		s->data = xreallocarray(s->data, s->room, 1);
	}
	if (end > s->size) {
		/* Padding in text must decode, or objtool stops at it. */
		memset(s->data + s->size, s->flags & SHF_EXECINSTR ? 0x90 : 0, start - s->size);
		if (data)
			memcpy(s->data + start, data, len);
		else
			memset(s->data + start, 0, len);
	}
	s->size = end;
	return start;
}

void elf_out_poke(struct elf_out *out, uint32_t sec, uint64_t offset, const void *data, size_t len)
{
	struct out_section *s = &out->sections[sec];

	if (s->data && offset <= s->size && len <= s->size - offset)
		memcpy(s->data + offset, data, len);
}

void elf_out_align(struct elf_out *out, uint32_t sec, uint64_t align)
{
	if (out->sections[sec].align < align)
		out->sections[sec].align = align;
}

uint64_t elf_out_size(const struct elf_out *out, uint32_t sec)
{
	return out->sections[sec].size;
}

uint32_t elf_out_symbol(struct elf_out *out, const char *name, uint8_t bind, uint8_t type,
			uint32_t sec, uint64_t value, uint64_t size)
{
	struct out_symbol *y;

	out->symbols = grow(out->symbols, out->nr_symbols, &out->room_symbols, sizeof(*out->symbols));
	y = &out->symbols[out->nr_symbols];
	y->name = xstrdup(name);
	y->sec = sec;
	y->sym.st_info = ELF64_ST_INFO(bind, type);
	y->sym.st_value = value;
	y->sym.st_size = size;
	return out->nr_symbols++;
}

uint32_t elf_out_section_symbol(struct elf_out *out, uint32_t sec)
{
	if (!out->sections[sec].symbol)
		out->sections[sec].symbol = elf_out_symbol(out, "", STB_LOCAL, STT_SECTION, sec,
							   0, 0);
	return out->sections[sec].symbol;
}

uint32_t elf_out_undef(struct elf_out *out, const char *name, uint8_t bind)
{
	for (uint32_t i = 1; i < out->nr_symbols; i++)
		if (!out->symbols[i].sec && out->symbols[i].name &&
		    !strcmp(out->symbols[i].name, name))
			return i;
	return elf_out_symbol(out, name, bind, STT_NOTYPE, 0, 0, 0);
}

void elf_out_set_bind(struct elf_out *out, uint32_t sym, uint8_t bind)
{
	Elf64_Sym *y = &out->symbols[sym].sym;

	y->st_info = ELF64_ST_INFO(bind, ELF64_ST_TYPE(y->st_info));
}

const char *elf_out_name(const struct elf_out *out, uint32_t sym)
{
	return out->symbols[sym].name;
}

void elf_out_reloc(struct elf_out *out, uint32_t sec, uint64_t offset, uint32_t type,
		   uint32_t sym, int64_t addend)
{
	struct out_section *s = &out->sections[sec];

	s->relocs = grow(s->relocs, s->nr_relocs, &s->room_relocs, sizeof(*s->relocs));
	s->relocs[s->nr_relocs++] = (Elf64_Rela){
		.r_offset = offset,
		.r_info = ELF64_R_INFO((uint64_t)sym, type),
		.r_addend = addend,
	};
}

/* ---- layout ---- */

struct image {
	FILE *f;
	uint64_t pos;
	Elf64_Shdr *headers;
	uint32_t nr, nr_max;
	char *names;			/* .shstrtab */
	size_t names_len;
};

static uint32_t add_string(char *table, size_t *len, const char *s)
{
	size_t at = *len, n = strlen(s) + 1;

	if (n == 1)
		return 0;
	memcpy(table + at, s, n);
	*len += n;
	return at;
}

static void put(struct image *im, const void *data, size_t len)
{
	if (len)
		fwrite(data, 1, len, im->f);
	im->pos += len;
}

static void pad(struct image *im, uint64_t align)
{
	static const uint8_t zeros[64];

	while (align > 1 && im->pos % align) {
		size_t n = align - im->pos % align;

		put(im, zeros, n > sizeof(zeros) ? sizeof(zeros) : n);
	}
}

static void put_section(struct image *im, const char *prefix, const char *name, Elf64_Shdr h,
			const void *data)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	pad(im, h.sh_addralign);
	h.sh_name = add_string(im->names, &im->names_len, full);
	h.sh_offset = im->pos;
	if (h.sh_type != SHT_NOBITS)
		put(im, data, h.sh_size);
	im->headers[im->nr++] = h;
}

static int reloc_order(const void *a, const void *b)
{
	const Elf64_Rela *x = a, *y = b;

	return x->r_offset < y->r_offset ? -1 : x->r_offset > y->r_offset;
}

static void put_sections(struct elf_out *out, struct image *im, const uint32_t *final)
{
	uint32_t symtab = out->nr_sections;

	for (uint32_t i = 1; i < out->nr_sections; i++)
		symtab += out->sections[i].nr_relocs > 0;
	for (uint32_t i = 1; i < out->nr_sections; i++) {
		struct out_section *s = &out->sections[i];

		put_section(im, "", s->name, (Elf64_Shdr){ .sh_type = s->type,
			    .sh_flags = s->flags, .sh_size = s->size,
			    .sh_addralign = s->align, .sh_entsize = s->entsize }, s->data);
	}
	for (uint32_t i = 1; i < out->nr_sections; i++) {
		struct out_section *s = &out->sections[i];

		if (!s->nr_relocs)
			continue;
		for (size_t r = 0; r < s->nr_relocs; r++) {
			uint64_t info = s->relocs[r].r_info;

			s->relocs[r].r_info = ELF64_R_INFO((uint64_t)final[ELF64_R_SYM(info)],
							   ELF64_R_TYPE(info));
		}
		qsort(s->relocs, s->nr_relocs, sizeof(*s->relocs), reloc_order);
		put_section(im, ".rela", s->name, (Elf64_Shdr){ .sh_type = SHT_RELA,
			    .sh_flags = SHF_INFO_LINK, .sh_size = s->nr_relocs * sizeof(Elf64_Rela),
			    .sh_link = symtab, .sh_info = i, .sh_addralign = 8,
			    .sh_entsize = sizeof(Elf64_Rela) }, s->relocs);
	}
}

/* Symbol table with local symbols first; @final maps handles to indexes. */
static uint32_t order_symbols(const struct elf_out *out, Elf64_Sym *table, char *strings,
			      size_t *len, uint32_t *final)
{
	uint32_t n = 1, first_global = 1;

	*len = 1;
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 1; i < out->nr_symbols; i++) {
			const struct out_symbol *y = &out->symbols[i];

			if ((ELF64_ST_BIND(y->sym.st_info) == STB_LOCAL) != (pass == 0))
				continue;
			table[n] = y->sym;
			table[n].st_name = add_string(strings, len, y->name);
			table[n].st_shndx = y->sec == ELF_OUT_ABS ? SHN_ABS : y->sec;
			final[i] = n++;
		}
		if (!pass)
			first_global = n;
	}
	return first_global;
}

static int write_image(struct elf_out *out, struct image *im, Elf64_Sym *table, char *strings,
		       uint32_t *final)
{
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_REL, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr), .e_shentsize = sizeof(Elf64_Shdr),
	};
	size_t strings_len;
	uint32_t first_global = order_symbols(out, table, strings, &strings_len, final);

	put(im, &eh, sizeof(eh));
	put_sections(out, im, final);
	put_section(im, "", ".symtab", (Elf64_Shdr){ .sh_type = SHT_SYMTAB,
		    .sh_size = out->nr_symbols * sizeof(Elf64_Sym), .sh_link = im->nr + 1,
		    .sh_info = first_global, .sh_addralign = 8,
		    .sh_entsize = sizeof(Elf64_Sym) }, table);
	put_section(im, "", ".strtab", (Elf64_Shdr){ .sh_type = SHT_STRTAB,
		    .sh_size = strings_len, .sh_addralign = 1 }, strings);
	/* Its own name must be in the table before its size is known. */
	eh.e_shstrndx = im->nr;
	im->headers[im->nr] = (Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_addralign = 1,
		.sh_name = add_string(im->names, &im->names_len, ".shstrtab"),
		.sh_offset = im->pos, .sh_size = im->names_len };
	im->nr++;
	put(im, im->names, im->names_len);
	pad(im, 8);
	eh.e_shoff = im->pos;
	eh.e_shnum = im->nr;
	put(im, im->headers, im->nr * sizeof(*im->headers));
	rewind(im->f);
	fwrite(&eh, 1, sizeof(eh), im->f);
	return ferror(im->f) ? -EIO : 0;
}

int elf_out_write(struct elf_out *out, const char *path, struct klp_err *err)
{
	struct image im = { .nr = 1, .nr_max = out->nr_sections * 2 + 4, .names_len = 1 };
	size_t names = 64, strings = 1;
	Elf64_Sym *table;
	uint32_t *final;
	char *strtab;
	int ret;

	if (im.nr_max >= SHN_LORESERVE)
		return klp_err_set(err, -E2BIG, "%s: too many sections", path);
	for (size_t i = 1; i < out->nr_sections; i++)
		names += 2 * strlen(out->sections[i].name) + 16;
	for (size_t i = 1; i < out->nr_symbols; i++)
		strings += strlen(out->symbols[i].name) + 1;
	im.headers = xcalloc(im.nr_max, sizeof(*im.headers));
	im.names = xcalloc(1, names);
	table = xcalloc(out->nr_symbols, sizeof(*table));
	final = xcalloc(out->nr_symbols, sizeof(*final));
	strtab = xcalloc(1, strings);
	im.f = fopen(path, "we");
	if (!im.f) {
		ret = klp_err_sys(err, -errno, "cannot write %s", path);
		goto out;
	}
	ret = write_image(out, &im, table, strtab, final);
	if (fclose(im.f) && !ret)
		ret = -errno;
	if (ret)
		klp_err_sys(err, ret, "cannot write %s", path);
out:
	free(im.headers);
	free(im.names);
	free(table);
	free(final);
	free(strtab);
	return ret;
}
