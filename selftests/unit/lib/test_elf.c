// SPDX-License-Identifier: GPL-2.0-or-later
/* The ELF parser: what it finds, and that nothing malformed gets through. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elffix.h"
#include "err.h"
#include "fixture.h"

static const uint8_t code[16] = { 0xe8, 0, 0, 0, 0, 0xc3 };

/* A copy of an object's bytes that can be damaged. */
static uint8_t *sample(size_t *len)
{
	struct elf_out *out = elf_out_new();
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, code, sizeof(code));
	struct elf_file *ef;
	uint8_t *copy;

	elffix_undef(out, f, 1, R_X86_64_PLT32, "g");
	elffix_ref(out, f, 8, R_X86_64_32S, elffix_string(out, "hello"), 0);
	elffix_data(out, ".bss.x", "x", STB_LOCAL, NULL, 8);
	ef = elffix_finish(out);
	*len = ef->len;
	copy = malloc(ef->len);
	memcpy(copy, ef->data, ef->len);
	elf_close(ef);
	return copy;
}

START_TEST(what_is_there)
{
	struct elf_out *out = elf_out_new();
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, code, sizeof(code));
	const struct elf_symbol *sym;
	const struct elf_section *sec;
	struct elf_file *ef;

	elffix_undef(out, f, 1, R_X86_64_PLT32, "g");
	elffix_data(out, ".bss.x", "x", STB_LOCAL, NULL, 8);
	ef = elffix_finish(out);
	sym = elf_symbol(ef, "f", STT_FUNC);
	ck_assert_ptr_nonnull(sym);
	sec = &ef->sections[sym->shndx];
	ck_assert_str_eq(sec->name, ".text.f");
	ck_assert_uint_eq(sec->nr_relocs, 1);
	ck_assert_uint_eq(sec->relocs[0].offset, 1);
	ck_assert_int_eq(sec->relocs[0].addend, -4);
	ck_assert_str_eq(ef->symbols[sec->relocs[0].sym].name, "g");
	ck_assert_uint_eq(ef->symbols[sec->relocs[0].sym].shndx, SHN_UNDEF);
	ck_assert_ptr_null(elf_symbol(ef, "g", STT_NOTYPE));	/* not defined here */
	ck_assert_ptr_null(elf_section(ef, ".bss.x")->data);
	ck_assert_uint_eq(elf_section(ef, ".bss.x")->size, 8);
	elf_close(ef);
}
END_TEST

/* Is the page at @p in this process's memory?  By its entry in the page map: bit 63, present. */
static bool is_mapped_in(const void *p)
{
	FILE *f = fopen("/proc/self/pagemap", "r");
	uint64_t entry = 0;

	ck_assert_ptr_nonnull(f);
	ck_assert(!fseek(f, (long)((uintptr_t)p / (uintptr_t)getpagesize() * sizeof(entry)), SEEK_SET));
	ck_assert_uint_eq(fread(&entry, sizeof(entry), 1, f), 1);
	fclose(f);
	return entry >> 63;
}

START_TEST(what_rests_comes_again)
{
	struct elf_file *ef;
	struct klp_err err;

	ck_assert_msg(!elf_open("/proc/self/exe", &ef, &err), "%s", err.text);
	ck_assert(!memcmp(ef->data, "\177ELF", 4));
	ck_assert(is_mapped_in(ef->data));
	elf_rest(ef);
	ck_assert(!is_mapped_in(ef->data));
	ck_assert(!memcmp(ef->data, "\177ELF", 4));
	ck_assert_ptr_nonnull(elf_symbol(ef, "main", STT_FUNC));
	elf_rest(NULL);
	elf_close(ef);
}
END_TEST

START_TEST(innermost_symbol_covers)
{
	struct elf_out *out = elf_out_new();
	struct elffix f = elffix_function(out, "outer", STB_GLOBAL, false, code, sizeof(code));
	struct elf_file *ef;
	uint32_t sec;

	elf_out_symbol(out, "inner", STB_LOCAL, STT_FUNC, f.sec, 4, 4);
	elf_out_symbol(out, "alias", STB_GLOBAL, STT_FUNC, f.sec, 0, 16);
	elf_out_symbol(out, "label", STB_LOCAL, STT_NOTYPE, f.sec, 10, 0);
	elf_out_append(out, f.sec, code, 16, 1);	/* bytes that no symbol covers */
	elf_out_symbol(out, "end", STB_LOCAL, STT_NOTYPE, f.sec, 20, 0);
	ef = elffix_finish(out);
	sec = elf_section(ef, ".text.outer")->index;
	ck_assert_str_eq(elf_symbol_at(ef, sec, 5)->name, "inner");
	/* Of equal symbols always the same one, the first of the table. */
	ck_assert_str_eq(elf_symbol_at(ef, sec, 0)->name, "outer");
	ck_assert_str_eq(elf_symbol_at(ef, sec, 10)->name, "outer");
	ck_assert_str_eq(elf_symbol_at(ef, sec, 20)->name, "end");
	ck_assert_ptr_null(elf_symbol_at(ef, sec, 21));
	ck_assert_ptr_null(elf_symbol_at(ef, sec, 1000));
	ck_assert_ptr_null(elf_symbol_at(ef, 9999, 0));
	elf_close(ef);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
	size_t len;
	uint8_t *p = sample(&len);

	for (size_t n = 0; n < len; n++) {
		/* Exactly n bytes, so that a checker sees a read beyond them. */
		uint8_t *cut = malloc(n ? n : 1);
		struct elf_file *ef = NULL;
		struct klp_err err = { 0 };

		memcpy(cut, p, n);
		ck_assert_int_eq(elf_parse(cut, n, &ef, &err), -EINVAL);
		ck_assert(*err.text);
		ck_assert_ptr_null(ef);
		free(cut);
	}
	free(p);
}
END_TEST

START_TEST(every_damaged_byte_is_survived)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	size_t len, taken = 0;
	uint8_t *p = sample(&len);

	for (size_t i = 0; i < len; i++) {
		uint8_t was = p[i];

		for (size_t k = 0; k < sizeof(values); k++) {
			struct elf_file *ef;

			p[i] = values[k];
			if (elf_parse(p, len, &ef, NULL))
				continue;
			taken++;
			for (size_t s = 0; s < ef->nr_sections; s++)
				(void)elf_symbol_at(ef, s, i);
			elf_close(ef);
		}
		p[i] = was;
	}
	ck_assert_uint_gt(taken, 0);
	free(p);
}
END_TEST

static void damage(size_t at, const void *with, size_t n, const char *says)
{
	size_t len;
	uint8_t *p = sample(&len);
	struct elf_file *ef;
	struct klp_err err = { 0 };

	memcpy(p + at, with, n);
	ck_assert_int_eq(elf_parse(p, len, &ef, &err), -EINVAL);
	ck_assert_msg(strstr(err.text, says), "%s", err.text);
	free(p);
}

START_TEST(foreign_files_are_named)
{
	uint16_t arm = EM_AARCH64, core = ET_CORE;

	damage(0, "!", 1, "not an ELF file");
	damage(offsetof(Elf64_Ehdr, e_machine), &arm, 2, "not for x86-64");
	damage(offsetof(Elf64_Ehdr, e_type), &core, 2, "neither object nor image");
}
END_TEST

static size_t section_header(const uint8_t *p, const char *name)
{
	const Elf64_Ehdr *eh = (const void *)p;
	const Elf64_Shdr *sh = (const void *)(p + eh->e_shoff);

	for (size_t i = 0; i < eh->e_shnum; i++)
		if (!strcmp((const char *)p + sh[eh->e_shstrndx].sh_offset + sh[i].sh_name, name))
			return eh->e_shoff + i * sizeof(*sh);
	ck_abort_msg("no section %s", name);
	return 0;
}

START_TEST(bad_indexes_are_named)
{
	uint64_t huge = UINT64_MAX, info;
	size_t len, rela, symtab;
	uint8_t *p = sample(&len);
	Elf64_Shdr sh;

	rela = section_header(p, ".rela.text.f");
	symtab = section_header(p, ".symtab");
	memcpy(&sh, p + rela, sizeof(sh));
	damage(sh.sh_offset, &huge, 8, "out of range");		/* r_offset */
	info = ELF64_R_INFO(0xfffff, R_X86_64_PC32);
	damage(sh.sh_offset + 8, &info, 8, "out of range");	/* symbol */
	info = ELF64_R_INFO(1, 200);
	damage(sh.sh_offset + 8, &info, 8, "type 200 is unknown");
	damage(rela + offsetof(Elf64_Shdr, sh_info), &huge, 4, "malformed relocation section");
	memcpy(&sh, p + symtab, sizeof(sh));
	damage(sh.sh_offset + sizeof(Elf64_Sym), &huge, 4, "name out of range");
	damage(section_header(p, ".text.f") + offsetof(Elf64_Shdr, sh_size), &huge, 8,
	       "beyond the file");
	free(p);
}
END_TEST

/* More than 65,279 sections: counts and indexes move into section 0. */
START_TEST(extended_numbering)
{
	struct elf_file *ef;
	Elf64_Ehdr *eh;
	Elf64_Shdr *sh;
	size_t len, nr;
	uint8_t *p = sample(&len);

	eh = (void *)p;
	sh = (void *)(p + eh->e_shoff);
	nr = eh->e_shnum;
	sh[0].sh_size = nr;
	sh[0].sh_link = eh->e_shstrndx;
	eh->e_shnum = 0;
	eh->e_shstrndx = SHN_XINDEX;
	ck_assert_int_eq(elf_parse(p, len, &ef, NULL), 0);
	ck_assert_uint_eq(ef->nr_sections, nr);
	ck_assert_ptr_nonnull(elf_symbol(ef, "f", STT_FUNC));
	elf_close(ef);
	free(p);
}
END_TEST

START_TEST(relocation_widths)
{
	ck_assert_int_eq(elf_reloc_width(R_X86_64_64), 8);
	ck_assert_int_eq(elf_reloc_width(R_X86_64_PLT32), 4);
	ck_assert_int_eq(elf_reloc_width(R_X86_64_NONE), 0);
	ck_assert_int_eq(elf_reloc_width(R_X86_64_COPY), -EINVAL);
	ck_assert(elf_reloc_pcrel(R_X86_64_PC32));
	ck_assert(!elf_reloc_pcrel(R_X86_64_32S));
}
END_TEST

START_TEST(branches_and_the_first_at_an_offset)
{
	/* call; jne; movl $0,x(%rip); a table of addresses. */
	static const uint8_t text[24] = { 0xe8, 0, 0, 0, 0, 0x0f, 0x85, 0, 0, 0, 0, 0xc7, 0x05, 0, 0, 0, 0, 0, 0, 0, 0 };
	struct elf_out *out = elf_out_new();
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, false, text, sizeof(text));
	struct elffix d = elffix_data(out, ".data.d", "d", STB_LOCAL, "\0\0\0\xe8\0\0\0\0", 8);
	const struct elf_section *sec;
	struct elf_file *ef;

	elffix_undef(out, f, 1, R_X86_64_PLT32, "g");
	elffix_undef(out, f, 7, R_X86_64_PLT32, "g");
	elffix_undef(out, f, 13, R_X86_64_PC32, "x");
	elffix_undef(out, d, 4, R_X86_64_PC32, "g");
	ef = elffix_finish(out);
	sec = elf_section(ef, ".text.f");
	ck_assert_uint_eq(sec->nr_relocs, 3);
	ck_assert(elf_reloc_is_branch(sec, &sec->relocs[0]));
	ck_assert(elf_reloc_is_branch(sec, &sec->relocs[1]));
	ck_assert(!elf_reloc_is_branch(sec, &sec->relocs[2]));
	ck_assert_uint_eq(elf_reloc_first(sec, 0), 0);
	ck_assert_uint_eq(elf_reloc_first(sec, 1), 0);
	ck_assert_uint_eq(elf_reloc_first(sec, 2), 1);
	ck_assert_uint_eq(elf_reloc_first(sec, 13), 2);
	ck_assert_uint_eq(elf_reloc_first(sec, 14), 3);
	/* Data isn't run, whatever stands before it. */
	sec = elf_section(ef, ".data.d");
	ck_assert_uint_eq(sec->nr_relocs, 1);
	ck_assert(!elf_reloc_is_branch(sec, &sec->relocs[0]));
	elf_close(ef);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("elf");

	tcase_add_test(t, what_is_there);
	tcase_add_test(t, what_rests_comes_again);
	tcase_add_test(t, innermost_symbol_covers);
	tcase_add_test(t, every_truncation_is_refused);
	tcase_add_test(t, every_damaged_byte_is_survived);
	tcase_add_test(t, foreign_files_are_named);
	tcase_add_test(t, bad_indexes_are_named);
	tcase_add_test(t, extended_numbering);
	tcase_add_test(t, relocation_widths);
	tcase_add_test(t, branches_and_the_first_at_an_offset);
	return fixture_run("elf", t);
}
