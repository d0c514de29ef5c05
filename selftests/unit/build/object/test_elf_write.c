// SPDX-License-Identifier: GPL-2.0-or-later
/* Objects that elf_write.c makes, read back by elf.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf.h"
#include "fixture.h"
#include "object/elf_write.h"

static char *folder, *path;
static struct elf_out *out;

static void setup(void)
{
	folder = fixture_folder();
	path = fixture_path(folder, "a.o");
	out = elf_out_new();
}

static void teardown(void)
{
	elf_out_free(out);
	fixture_remove(folder);
	free(path);
}

static struct elf_file *read_back(void)
{
	struct klp_err err = { 0 };
	struct elf_file *ef = NULL;

	ck_assert_msg(!elf_out_write(out, path, &err), "%s", err.text);
	ck_assert_msg(!elf_open(path, &ef, &err), "%s", err.text);
	return ef;
}

START_TEST(round_trip)
{
	uint32_t text = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, 0);
	uint32_t bss = elf_out_section(out, ".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	struct elf_file *ef;
	const struct elf_section *s;
	uint32_t f, u;

	elf_out_append(out, text, "\xe8\0\0\0\0\xc3", 6, 16);
	elf_out_append(out, bss, NULL, 64, 8);
	f = elf_out_symbol(out, "f", STB_GLOBAL, STT_FUNC, text, 0, 6);
	u = elf_out_undef(out, "printk", STB_GLOBAL);
	ck_assert_uint_ne(f, u);
	ck_assert_uint_eq(elf_out_undef(out, "printk", STB_GLOBAL), u);
	elf_out_reloc(out, text, 1, R_X86_64_PLT32, u, -4);
	ef = read_back();
	s = elf_section(ef, ".text");
	ck_assert_uint_eq(s->size, 6);
	ck_assert_uint_eq(s->align, 16);
	ck_assert_uint_eq(s->nr_relocs, 1);
	ck_assert_str_eq(ef->symbols[s->relocs[0].sym].name, "printk");
	ck_assert_int_eq(s->relocs[0].addend, -4);
	ck_assert_uint_eq(elf_section(ef, ".bss")->size, 64);
	ck_assert_uint_eq(elf_symbol(ef, "f", STT_FUNC)->size, 6);
	elf_close(ef);
}
END_TEST

/* Handles are given before symbols are sorted; relocations must follow them. */
START_TEST(local_symbols_go_first)
{
	uint32_t data = elf_out_section(out, ".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 8, 0);
	uint32_t g, l;
	struct elf_file *ef;
	const struct elf_section *s;

	elf_out_append(out, data, NULL, 16, 8);
	g = elf_out_symbol(out, "global", STB_GLOBAL, STT_OBJECT, data, 0, 8);
	l = elf_out_symbol(out, "local", STB_LOCAL, STT_OBJECT, data, 8, 8);
	elf_out_reloc(out, data, 8, R_X86_64_64, l, 1);
	elf_out_reloc(out, data, 0, R_X86_64_64, g, 2);
	ef = read_back();
	s = elf_section(ef, ".data");
	ck_assert_uint_lt(elf_symbol(ef, "local", STT_OBJECT)->index,
			  elf_symbol(ef, "global", STT_OBJECT)->index);
	ck_assert_uint_eq(s->relocs[0].offset, 0);
	ck_assert_str_eq(ef->symbols[s->relocs[0].sym].name, "global");
	ck_assert_str_eq(ef->symbols[s->relocs[1].sym].name, "local");
	elf_close(ef);
}
END_TEST

START_TEST(one_section_a_name)
{
	uint32_t a = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1, 0);
	struct elf_file *ef;
	const struct elf_section *s;

	elf_out_append(out, a, "\xc3", 1, 1);
	ck_assert_uint_eq(elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR,
					  16, 0), a);
	ck_assert_uint_ne(elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC, 1, 0), a);
	ck_assert_uint_eq(elf_out_append(out, a, "\xcc", 1, 16), 16);
	elf_out_poke(out, a, 16, "\xc3", 1);
	ef = read_back();
	s = elf_section(ef, ".text");
	ck_assert_uint_eq(s->align, 16);
	ck_assert_uint_eq(s->data[1], 0x90);	/* objtool decodes padding */
	ck_assert_uint_eq(s->data[16], 0xc3);
	elf_close(ef);
}
END_TEST

START_TEST(binding_can_change_late)
{
	uint32_t a = elf_out_section(out, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 1, 0);
	uint32_t f = elf_out_symbol(out, "f", STB_LOCAL, STT_FUNC, a, 0, 1);
	struct elf_file *ef;

	elf_out_append(out, a, "\xc3", 1, 1);
	elf_out_set_bind(out, f, STB_GLOBAL);
	ef = read_back();
	ck_assert_uint_eq(elf_symbol(ef, "f", STT_FUNC)->bind, STB_GLOBAL);
	elf_close(ef);
}
END_TEST

START_TEST(too_many_sections)
{
	struct klp_err err = { 0 };

	for (uint32_t i = 0; i < 33000; i++)
		elf_out_section(out, "s", 0x70000000 + i, 0, 1, 0);
	ck_assert_int_eq(elf_out_write(out, path, &err), -E2BIG);
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(no_such_folder)
{
	struct klp_err err = { 0 };

	ck_assert_int_eq(elf_out_write(out, "/nonexistent/a.o", &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/a.o"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("elf_write");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, local_symbols_go_first);
	tcase_add_test(tc, one_section_a_name);
	tcase_add_test(tc, binding_can_change_late);
	tcase_add_test(tc, too_many_sections);
	tcase_add_test(tc, no_such_folder);
	return fixture_run("elf_write", tc);
}
