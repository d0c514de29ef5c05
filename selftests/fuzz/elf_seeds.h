/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elf_seeds.h - objects with code, data and tables for the ELF fuzz targets. */
#ifndef FUZZ_ELF_SEEDS_H
#define FUZZ_ELF_SEEDS_H

#include <string.h>
#include <unistd.h>

#include "object/elf_write.h"
#include "seeds.h"

static inline uint32_t seed_function(struct elf_out *out, const char *section, const char *name,
				     uint8_t variant)
{
	const uint8_t code[24] = { 0xe8, 0, 0, 0, 0, 0xc7, 0x05, 0, 0, 0, 0, variant };
	uint32_t sec = elf_out_section(out, section, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	uint32_t loc = elf_out_section(out, "__mcount_loc", SHT_PROGBITS, SHF_ALLOC, 1, 0);
	uint32_t ex = elf_out_section(out, "__ex_table", SHT_PROGBITS, SHF_ALLOC, 4, 0);
	uint64_t off = elf_out_append(out, sec, code, sizeof(code), 16);
	uint32_t self = elf_out_section_symbol(out, sec);
	uint64_t at;

	elf_out_symbol(out, name, STB_GLOBAL, STT_FUNC, sec, off, sizeof(code));
	elf_out_reloc(out, sec, off + 1, R_X86_64_PLT32, elf_out_undef(out, "callee", STB_GLOBAL), -4);
	at = elf_out_append(out, loc, NULL, 8, 1);
	elf_out_reloc(out, loc, at, R_X86_64_64, self, off);
	at = elf_out_append(out, ex, NULL, 12, 1);
	elf_out_reloc(out, ex, at, R_X86_64_PC32, self, off + 5);
	elf_out_reloc(out, ex, at + 4, R_X86_64_PC32, self, off + 15);
	return sec;
}

/* The bytes of one object; malloc()ed. */
static inline void *seed_object_bytes(uint8_t variant, size_t *len)
{
	struct elf_out *out = elf_out_new();
	char path[] = "/tmp/fuzz-seed-XXXXXX";
	struct klp_err err;
	void *data = NULL;
	uint32_t text, sec;
	int fd = mkstemp(path);

	text = seed_function(out, ".text.f", "f", variant);
	seed_function(out, ".sched.text", "g.isra.0", 0);
	seed_function(out, ".sched.text", "h", 0);
	sec = elf_out_section(out, ".bss.count.1", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	elf_out_append(out, sec, NULL, 8, 8);
	elf_out_symbol(out, "count.1", STB_LOCAL, STT_OBJECT, sec, 0, 8);
	elf_out_reloc(out, text, 7, R_X86_64_PC32, elf_out_section_symbol(out, sec), -8);
	sec = elf_out_section(out, ".rodata.str1.1", SHT_PROGBITS,
			      SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1, 1);
	elf_out_append(out, sec, "hello", 6, 1);
	elf_out_reloc(out, text, 16, R_X86_64_32S, elf_out_section_symbol(out, sec), 0);
	if (fd < 0 || elf_out_write(out, path, &err) || io_read_file(path, 1u << 20, &data, len, &err))
		abort();
	close(fd);
	unlink(path);
	elf_out_free(out);
	return data;
}

static inline void seed_object(const char *name, uint8_t variant)
{
	size_t len;
	void *data = seed_object_bytes(variant, &len);

	seed_write(name, data, len);
	free(data);
}

#endif
