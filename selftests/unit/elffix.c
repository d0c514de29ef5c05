// SPDX-License-Identifier: GPL-2.0-or-later
/* elffix.c - see elffix.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elffix.h"
#include "err.h"

#define TEXT_FLAGS (SHF_ALLOC | SHF_EXECINSTR)

struct elffix elffix_function_in(struct elf_out *out, const char *section, const char *name, uint8_t bind,
			   bool traced, const void *code, size_t len)
{
	struct elffix f = { .size = len };
	uint32_t loc;
	uint64_t at;

	f.sec = elf_out_section(out, section, SHT_PROGBITS, TEXT_FLAGS, 16, 0);
	f.off = elf_out_append(out, f.sec, code, len, 16);
	f.sym = elf_out_symbol(out, name, bind, STT_FUNC, f.sec, f.off, len);
	if (traced) {
		loc = elf_out_section(out, "__mcount_loc", SHT_PROGBITS, SHF_ALLOC, 1, 0);
		at = elf_out_append(out, loc, NULL, 8, 1);
		elf_out_reloc(out, loc, at, R_X86_64_64, elf_out_section_symbol(out, f.sec), f.off);
	}
	return f;
}

struct elffix elffix_function(struct elf_out *out, const char *name, uint8_t bind, bool traced,
			const void *code, size_t len)
{
	char section[128];

	snprintf(section, sizeof(section), ".text.%s", name);
	return elffix_function_in(out, section, name, bind, traced, code, len);
}

struct elffix elffix_data(struct elf_out *out, const char *section, const char *name, uint8_t bind,
		    const void *data, size_t len)
{
	uint64_t flags = SHF_ALLOC | (strncmp(section, ".rodata", 7) ? SHF_WRITE : 0);
	struct elffix f = { .size = len };

	f.sec = elf_out_section(out, section, data ? SHT_PROGBITS : SHT_NOBITS, flags, 8, 0);
	f.off = elf_out_append(out, f.sec, data, len, 8);
	f.sym = elf_out_symbol(out, name, bind, STT_OBJECT, f.sec, f.off, len);
	return f;
}

struct elffix elffix_string(struct elf_out *out, const char *s)
{
	struct elffix f = { .size = strlen(s) + 1 };

	f.sec = elf_out_section(out, ".rodata.str1.1", SHT_PROGBITS,
				SHF_ALLOC | SHF_MERGE | SHF_STRINGS, 1, 1);
	f.off = elf_out_append(out, f.sec, s, f.size, 1);
	return f;
}

void elffix_ref(struct elf_out *out, struct elffix func, uint64_t off, uint32_t type, struct elffix to,
	     int64_t addend)
{
	elf_out_reloc(out, func.sec, func.off + off, type, elf_out_section_symbol(out, to.sec),
		      (int64_t)to.off + addend);
}

void elffix_undef(struct elf_out *out, struct elffix func, uint64_t off, uint32_t type, const char *name)
{
	elf_out_reloc(out, func.sec, func.off + off, type, elf_out_undef(out, name, STB_GLOBAL), -4);
}

struct elffix elffix_entry(struct elf_out *out, const char *section, const void *data, size_t len)
{
	struct elffix f = { .size = len };

	f.sec = elf_out_section(out, section, SHT_PROGBITS, SHF_ALLOC, 1, 0);
	f.off = elf_out_append(out, f.sec, data, len, 1);
	return f;
}

void elffix_entry_ref(struct elf_out *out, struct elffix entry, uint64_t off, struct elffix to, uint64_t at)
{
	elf_out_reloc(out, entry.sec, entry.off + off, R_X86_64_PC32,
		      elf_out_section_symbol(out, to.sec), (int64_t)(to.off + at));
}

void elffix_write(struct elf_out *out, const char *path)
{
	struct klp_err err = { 0 };

	ck_assert_msg(!elf_out_write(out, path, &err), "%s", err.text);
	elf_out_free(out);
}

struct elf_file *elffix_finish(struct elf_out *out)
{
	char path[] = "/tmp/elffix-XXXXXX";
	struct elf_file *ef = NULL;
	struct klp_err err = { 0 };
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
	elffix_write(out, path);
	ck_assert_msg(!elf_open(path, &ef, &err), "%s", err.text);
	unlink(path);
	return ef;
}
