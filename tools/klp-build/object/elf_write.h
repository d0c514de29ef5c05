/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * elf_write.h - make a relocatable x86-64 ELF object, one section and symbol at
 * a time.
 *
 * Used for the objects that go into a patch module, and for the finished
 * module once more.  The same calls give the same bytes.  Handles are small
 * integers.
 */
#ifndef KLP_ELF_WRITE_H
#define KLP_ELF_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct elf_out;

struct elf_out *elf_out_new(void);
void elf_out_free(struct elf_out *out);

/*
 * A new section, or the one of that name, type and flags if there is one (its
 * alignment grows).  Handles start at 1; 0 stands for SHN_UNDEF.
 */
uint32_t elf_out_section(struct elf_out *out, const char *name, uint32_t type, uint64_t flags,
			 uint64_t align, uint64_t entsize);

/* Pad to @align, append @len bytes (NULL: zeros); returns their offset. */
uint64_t elf_out_append(struct elf_out *out, uint32_t sec, const void *data, uint64_t len,
			uint64_t align);
void elf_out_align(struct elf_out *out, uint32_t sec, uint64_t align);	/* at least */
uint64_t elf_out_size(const struct elf_out *out, uint32_t sec);

/* Overwrite bytes that are there. */
void elf_out_poke(struct elf_out *out, uint32_t sec, uint64_t offset, const void *data, size_t len);

#define ELF_OUT_ABS	UINT32_MAX	/* as @sec: SHN_ABS */

/* A symbol.  Local ones are sorted to the front when the file is written. */
uint32_t elf_out_symbol(struct elf_out *out, const char *name, uint8_t bind, uint8_t type,
			uint32_t sec, uint64_t value, uint64_t size);
/* The STT_SECTION symbol of @sec, made on first use. */
uint32_t elf_out_section_symbol(struct elf_out *out, uint32_t sec);
/* The undefined symbol of that name, made on first use. */
uint32_t elf_out_undef(struct elf_out *out, const char *name, uint8_t bind);
void elf_out_set_bind(struct elf_out *out, uint32_t sym, uint8_t bind);
/* Valid until the next symbol is made. */
const char *elf_out_name(const struct elf_out *out, uint32_t sym);

void elf_out_reloc(struct elf_out *out, uint32_t sec, uint64_t offset, uint32_t type,
		   uint32_t sym, int64_t addend);

/* Lay out and write the file.  -E2BIG: more sections than plain ELF numbering holds. */
int elf_out_write(struct elf_out *out, const char *path, struct klp_err *err);

#endif
