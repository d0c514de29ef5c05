// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries of special sections go with the code that they are about, and only those. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf.h"
#include "extract/extract.h"
#include "fixture.h"
#include "patchfix.h"

#define A	SHF_ALLOC
#define AX	(SHF_ALLOC | SHF_EXECINSTR)

static struct patchfix f;
static struct klp_err err;
static struct elf_out *o, *p;
static uint32_t f_sec, g_sec;	/* text of f, which is extracted, and of g, which stays */

/* Two functions of 16 bytes each. */
static void setup(void)
{
	static const uint8_t nops[16] = {
		0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
		0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xc3,
	};
	uint32_t sec;

	fix_setup(&f, "");
	err = (struct klp_err){ 0 };
	o = elf_out_new();
	p = elf_out_new();
	fix_function(o, "f", "\xc3", 1, &sec);
	fix_function(o, "g", nops, sizeof(nops), &sec);
	fix_function(p, "f", nops, sizeof(nops), &f_sec);
	fix_function(p, "g", nops, sizeof(nops), &g_sec);
}

static void teardown(void)
{
	fix_teardown(&f);
}

static int extract(void)
{
	struct unit *u = fix_unit(&f, o, p, true);

	for (size_t i = 0; i < u->nr_symbols; i++)
		if (!strcmp(u->symbols[i].patched->name, "g"))
			u->symbols[i].change = CHANGE_SAME;
	return units_extract(&f.b, &err);
}

static struct elf_file *extracted(void)
{
	ck_assert_msg(!extract(), "%s", err.text);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 0);
	return fix_extracted(&f.units[0]);
}

/* An entry of @size bytes whose first word is about @off of section @text. */
static uint64_t entry(uint32_t sec, size_t size, uint32_t type, uint32_t text, int64_t off)
{
	uint8_t bytes[16] = { 0 };
	uint64_t at;

	bytes[size - 1] = (uint8_t)off;		/* tells entries apart */
	at = elf_out_append(p, sec, bytes, size, 1);
	elf_out_reloc(p, sec, at, type, elf_out_section_symbol(p, text), off);
	return at;
}

START_TEST(bug_table)
{
	uint32_t bug = elf_out_section(p, "__bug_table", SHT_PROGBITS, A | SHF_WRITE, 1, 0);
	const struct elf_section *s;
	struct elf_file *ef;

	entry(bug, 12, R_X86_64_PC32, g_sec, 1);
	entry(bug, 12, R_X86_64_PC32, f_sec, 2);
	entry(bug, 12, R_X86_64_PC32, g_sec, 3);
	entry(bug, 12, R_X86_64_PC32, f_sec, 4);
	ef = extracted();
	s = elf_section(ef, "__bug_table");
	ck_assert_uint_eq(s->size, 24);
	ck_assert_uint_eq(s->data[11], 2);
	ck_assert_uint_eq(s->data[23], 4);
	ck_assert_str_eq(fix_target(ef, "__bug_table", 0), ".text");
	ck_assert_int_eq(fix_reloc(ef, "__bug_table", 0)->addend, 2);
	elf_close(ef);
}
END_TEST

/* The entry of f's start means the patch's own f, not the kernel's. */
START_TEST(ftrace_site)
{
	uint32_t loc = elf_out_section(p, "__mcount_loc", SHT_PROGBITS, A, 8, 0);
	struct elf_file *ef;

	entry(loc, 8, R_X86_64_64, g_sec, 0);
	entry(loc, 8, R_X86_64_64, f_sec, 0);
	ef = extracted();
	ck_assert_uint_eq(elf_section(ef, "__mcount_loc")->size, 8);
	ck_assert_str_eq(fix_target(ef, "__mcount_loc", 0), ".text");
	elf_close(ef);
}
END_TEST

START_TEST(other_tables)
{
	static const struct { const char *name; size_t size; uint32_t type; } t[] = {
		{ "__ex_table", 12, R_X86_64_PC32 }, { ".smp_locks", 4, R_X86_64_PC32 },
		{ ".parainstructions", 16, R_X86_64_64 }, { ".discard.reachable", 4, R_X86_64_PC32 },
		{ ".discard.annotate_insn", 8, R_X86_64_PC32 },
	};
	struct elf_file *ef;

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		uint32_t sec = elf_out_section(p, t[i].name, SHT_PROGBITS, A, 1, 0);

		entry(sec, t[i].size, t[i].type, g_sec, 1);
		entry(sec, t[i].size, t[i].type, f_sec, 2);
	}
	ef = extracted();
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		const struct elf_section *s = elf_section(ef, t[i].name);

		ck_assert_msg(s && s->size == t[i].size, "%s", t[i].name);
		ck_assert_uint_eq(s->data[t[i].size - 1], 2);
	}
	elf_close(ef);
}
END_TEST

static void alternative(uint32_t alt, uint32_t repl, uint32_t text, int64_t off, uint64_t at,
			uint8_t len)
{
	uint8_t bytes[12] = { 0 };
	uint64_t start;

	bytes[10] = 5;
	bytes[11] = len;	/* replacementlen */
	start = elf_out_append(p, alt, bytes, sizeof(bytes), 1);
	elf_out_reloc(p, alt, start, R_X86_64_PC32, elf_out_section_symbol(p, text), off);
	elf_out_reloc(p, alt, start + 4, R_X86_64_PC32, elf_out_section_symbol(p, repl),
		      (int64_t)at + 4);
}

START_TEST(alternatives_with_their_replacements)
{
	uint32_t alt = elf_out_section(p, ".altinstructions", SHT_PROGBITS, A, 1, 0);
	uint32_t repl = elf_out_section(p, ".altinstr_replacement", SHT_PROGBITS, AX, 1, 0);
	const struct elf_section *s;
	struct elf_file *ef;

	elf_out_append(p, repl, "\x0f\x01\xcb\x0f\xae\xe8\xf3\x90", 8, 1);
	alternative(alt, repl, g_sec, 1, 0 - 4, 3);
	alternative(alt, repl, f_sec, 2, 3 - 4, 3);
	alternative(alt, repl, f_sec, 9, 6 - 4, 0);	/* nothing in its place */
	ef = extracted();
	s = elf_section(ef, ".altinstr_replacement");
	ck_assert_uint_eq(s->size, 3);
	ck_assert_mem_eq(s->data, "\x0f\xae\xe8", 3);
	ck_assert_uint_eq(elf_section(ef, ".altinstructions")->size, 24);
	ck_assert_str_eq(fix_target(ef, ".altinstructions", 4), ".altinstr_replacement");
	ck_assert_int_eq(fix_reloc(ef, ".altinstructions", 4)->addend, 0);
	ck_assert_ptr_nonnull(fix_reloc(ef, ".altinstructions", 16));
	elf_close(ef);
}
END_TEST

/* static_cpu_has() jumps to a snippet outside of all functions. */
START_TEST(snippets_of_altinstr_aux)
{
	uint32_t aux = elf_out_section(p, ".altinstr_aux", SHT_PROGBITS, AX, 1, 0);
	const struct elf_section *s;
	struct elf_file *ef;

	elf_out_append(p, aux, "\x90\x90\x90\xeb\xfe\x66\x90\xcc", 8, 1);
	elf_out_poke(p, g_sec, 0, "\xe9\0\0\0\0", 5);
	elf_out_poke(p, f_sec, 0, "\xe9\0\0\0\0", 5);
	elf_out_poke(p, g_sec, 6, "\xe9\0\0\0\0", 5);
	elf_out_reloc(p, g_sec, 1, R_X86_64_PC32, elf_out_section_symbol(p, aux), 0 - 4);
	elf_out_reloc(p, f_sec, 1, R_X86_64_PC32, elf_out_section_symbol(p, aux), 3 - 4);
	elf_out_reloc(p, g_sec, 7, R_X86_64_PC32, elf_out_section_symbol(p, aux), 5 - 4);
	ef = extracted();
	s = elf_section(ef, ".altinstr_aux");
	ck_assert_uint_eq(s->size, 2);
	ck_assert_mem_eq(s->data, "\xeb\xfe", 2);
	ck_assert_str_eq(fix_target(ef, ".text", 1), ".altinstr_aux");
	ck_assert_int_eq(fix_reloc(ef, ".text", 1)->addend, -4);
	elf_close(ef);
}
END_TEST

/* A jump label of a key in vmlinux: the key is the kernel's own. */
START_TEST(jump_label)
{
	uint32_t jl = elf_out_section(p, "__jump_table", SHT_PROGBITS, A | SHF_WRITE, 8, 0);
	struct elf_file *ef;
	uint32_t sec, key;
	uint64_t at;

	fix_variable(o, "key", 16, &sec);
	key = fix_variable(p, "key", 16, &sec);
	at = entry(jl, 16, R_X86_64_PC32, f_sec, 5);
	elf_out_reloc(p, jl, at + 4, R_X86_64_PC32, elf_out_section_symbol(p, f_sec), 10);
	elf_out_reloc(p, jl, at + 8, R_X86_64_PC64, key, 2);
	ef = extracted();
	ck_assert_str_eq(fix_target(ef, "__jump_table", 4), ".text");
	ck_assert_str_eq(fix_target(ef, "__jump_table", 8), "qp.vmlinux.key");
	ck_assert_int_eq(fix_reloc(ef, "__jump_table", 8)->addend, 2);
	elf_close(ef);
}
END_TEST

/* A call that ends a function doesn't return; objtool can't see why. */
START_TEST(dead_end)
{
	struct elf_file *ef;

	elf_out_poke(p, f_sec, 11, "\xe8\0\0\0\0", 5);
	elf_out_reloc(p, f_sec, 12, R_X86_64_PLT32, elf_out_undef(p, "_printk", STB_GLOBAL), -4);
	ef = extracted();
	ck_assert_uint_eq(elf_section(ef, ".discard.unreachable")->size, 4);
	ck_assert_str_eq(fix_target(ef, ".discard.unreachable", 0), ".text");
	ck_assert_int_eq(fix_reloc(ef, ".discard.unreachable", 0)->addend, 16);
	elf_close(ef);
}
END_TEST

START_TEST(left_behind)
{
	uint32_t pfe = elf_out_section(p, "__patchable_function_entries", SHT_PROGBITS, A, 8, 0);
	uint32_t adr = elf_out_section(p, ".discard.addressable", SHT_PROGBITS, A, 8, 0);
	uint32_t pi = elf_out_section(p, ".printk_index", SHT_PROGBITS, A | SHF_WRITE, 8, 0);
	uint32_t fmt = elf_out_section(p, ".rodata", SHT_PROGBITS, A, 8, 0);
	struct elf_file *ef;

	entry(pfe, 8, R_X86_64_64, f_sec, 2);
	entry(adr, 8, R_X86_64_64, f_sec, 0);
	/* CONFIG_PRINTK_INDEX: pointers to descriptors of formats, which no code refers to. */
	elf_out_append(p, fmt, NULL, 40, 8);
	entry(pi, 8, R_X86_64_64, fmt, 0);
	ef = extracted();
	ck_assert_ptr_null(elf_section(ef, ".printk_index"));
	ck_assert_ptr_null(elf_section(ef, "__patchable_function_entries"));
	ck_assert_ptr_null(elf_section(ef, ".discard.addressable"));
	elf_close(ef);
}
END_TEST

START_TEST(unknown_section_into_a_function)
{
	uint32_t odd = elf_out_section(p, ".odd", SHT_PROGBITS, A, 8, 0);

	entry(odd, 8, R_X86_64_64, f_sec, 5);
	ck_assert_int_eq(extract(), 0);
	ck_assert_uint_eq(report_nr_refusals(f.b.report), 1);
}
END_TEST

START_TEST(unknown_format)
{
	uint32_t bug = elf_out_section(p, "__bug_table", SHT_PROGBITS, A, 1, 0);

	entry(bug, 14, R_X86_64_PC32, f_sec, 2);
	ck_assert_int_eq(extract(), -EINVAL);
	ck_assert_ptr_nonnull(strstr(err.text, "__bug_table"));
}
END_TEST

int main(void)
{
	TCase *tc = tcase_create("special");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, bug_table);
	tcase_add_test(tc, ftrace_site);
	tcase_add_test(tc, other_tables);
	tcase_add_test(tc, alternatives_with_their_replacements);
	tcase_add_test(tc, snippets_of_altinstr_aux);
	tcase_add_test(tc, jump_label);
	tcase_add_test(tc, dead_end);
	tcase_add_test(tc, left_behind);
	tcase_add_test(tc, unknown_section_into_a_function);
	tcase_add_test(tc, unknown_format);
	return fixture_run("special", tc);
}
