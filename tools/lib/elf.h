/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf.h - a read-only model of one x86-64 ELF file (object, module or vmlinux).
 *
 * Sections, symbols and relocations as plain arrays, all indexes checked, so
 * that the stages of klp-build never see a malformed file.  The model borrows
 * the bytes that it was made from.
 */
/*
 * The system's header of the same name.  Outside the guard, since the first
 * file found may be this one again.
 */
#include_next <elf.h>

#ifndef KLP_ELF_H
#define KLP_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_reloc.h"

struct klp_err;

struct elf_reloc {
	uint64_t offset;	/* bytes into the section it applies to */
	int64_t addend;
	uint32_t type;		/* R_X86_64_* */
	uint32_t sym;		/* index into elf_file.symbols */
};

/* Of .debug_* sections no relocations are read. */
struct elf_section {
	const char *name;
	uint32_t index;
	uint32_t type;		/* SHT_* */
	uint64_t flags;		/* SHF_* */
	uint64_t addr;
	uint64_t size;
	uint64_t align;
	uint64_t entsize;
	uint32_t link;
	uint32_t info;
	const uint8_t *data;	/* size bytes; NULL for SHT_NOBITS and empty ones */
	struct elf_reloc *relocs;	/* that apply to this section, by offset */
	size_t nr_relocs;
	uint32_t *syms;		/* symbols defined in it, by (value, descending size) */
	size_t nr_syms;
};

struct elf_symbol {
	const char *name;	/* "" for section symbols */
	uint32_t index;
	uint32_t shndx;		/* section index (extended ones resolved), SHN_UNDEF, SHN_ABS, SHN_COMMON */
	uint64_t value;
	uint64_t size;
	uint8_t bind;		/* STB_* */
	uint8_t type;		/* STT_* */
	uint8_t other;
	uint32_t file;		/* index of the STT_FILE symbol before it, 0 = none; local ones only */
};

struct elf_file {
	const uint8_t *data;
	size_t len;
	struct elf_section *sections;	/* [0] is the null section */
	size_t nr_sections;
	struct elf_symbol *symbols;	/* [0] is the null symbol */
	size_t nr_symbols;
	/* internal */
	void *map;
	void *priv;
};

/* Map and parse @path.  -EINVAL: not a well-formed x86-64 ELF file; else -errno. */
int elf_open(const char *path, struct elf_file **out, struct klp_err *err);

/* Parse @len bytes at @data, which must outlive the result.  (libelf owns the name elf_memory.) */
int elf_parse(const void *data, size_t len, struct elf_file **out, struct klp_err *err);

void elf_close(struct elf_file *ef);	/* NULL is fine */

/*
 * Not needed for a while: its pages and the model's leave this process's memory, and come
 * from files again when they are looked at.  All pointers stay good.  NULL is fine.
 */
void elf_rest(struct elf_file *ef);

/*
 * A relocatable object (or module), not a linked image: symbol values are
 * offsets into their sections and lie within them.
 */
bool elf_is_object(const struct elf_file *ef);

/* First section of that name, or NULL. */
const struct elf_section *elf_section(const struct elf_file *ef, const char *name);

/* First defined symbol of that name and type (STT_NOTYPE = any), or NULL. */
const struct elf_symbol *elf_symbol(const struct elf_file *ef, const char *name, int type);

/*
 * The function or object that covers @offset of section @shndx; zero-sized
 * symbols cover their own first byte.  NULL if none.
 */
const struct elf_symbol *elf_symbol_at(const struct elf_file *ef, uint32_t shndx, uint64_t offset);

/* The relocation is the operand of a call or jump. */
bool elf_reloc_is_branch(const struct elf_section *sec, const struct elf_reloc *r);

/* Index of the section's first relocation at or after @off; nr_relocs: none is. */
size_t elf_reloc_first(const struct elf_section *sec, uint64_t off);

#endif
