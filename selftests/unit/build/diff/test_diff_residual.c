// SPDX-License-Identifier: GPL-2.0-or-later
/* The object differ: bytes that no symbol with a type and a size covers. */
#include <check.h>
#include <string.h>

#include "difffix.h"
#include "fixture.h"

#define TEXT	(SHF_ALLOC | SHF_EXECINSTR)
#define CONST	SHF_ALLOC
#define DATA	(SHF_ALLOC | SHF_WRITE)

/* A section's bytes without an object; NULL: no such section. */
struct blob {
	const char *section, *label, *bytes;
	size_t len;
	uint64_t flags;
};

static void add(struct elf_out *out, const struct blob *b, uint64_t before)
{
	uint32_t sec;
	uint64_t at;

	func(out, "f");
	if (!b->section)
		return;
	if (before && b->flags & SHF_EXECINSTR)
		elffix_function_in(out, b->section, "g", STB_GLOBAL, true, code, before);
	sec = elf_out_section(out, b->section, SHT_PROGBITS, b->flags, 16, 0);
	at = elf_out_append(out, sec, b->bytes, b->len, 1);
	if (b->label)
		elf_out_symbol(out, b->label, STB_GLOBAL, STT_NOTYPE, sec, at, 0);
}

static const struct {
	struct blob orig, patched;
	const char *refused;	/* NULL: not */
} cases[] = {
#define B(section, label, bytes, flags)	{ section, label, bytes, sizeof(bytes) - 1, flags }
#define NOTHING				{ NULL, NULL, NULL, 0, 0 }
	{ B(".rodata", "template", "\x6a\x10\x54", CONST), B(".rodata", "template", "\x6a\x10\x54", CONST), NULL },
	{ B(".rodata", "template", "\x6a\x10\x54", CONST), B(".rodata", "template", "\x6a\x18\x54", CONST), "template" },
	{ B(".rodata", NULL, "table", CONST), B(".rodata", NULL, "tabel", CONST), ".rodata" },
	{ B(".data", NULL, "table", DATA), B(".data", NULL, "tables", DATA), ".data" },
	{ B(".init.data", "x", "table", DATA), B(".init.data", "x", "tables", DATA), "x" },
	{ B("__strange", NULL, "1234", CONST), B("__strange", NULL, "1235", CONST), "__strange" },
	{ B("__strange", NULL, "1234", CONST), B("__strange", NULL, "1234", DATA), "__strange" },
	{ B("__strange", NULL, "1234", CONST), NOTHING, "__strange" },
	{ NOTHING, B("__strange", NULL, "1234", CONST), "__strange" },
	{ B(".text", "stub", "\x31\xc0\xc3", TEXT), B(".text", "stub", "\x31\xdb\xc3", TEXT), "stub" },
	{ B(".text", "stub", "\x31\xc0\xc3", TEXT), B(".text", "stub", "\x31\xc0\xc3\x66\x90\xcc", TEXT), NULL },
	{ B(".text", NULL, "\x0f\x1f\x44\0\0\x66\x2e\x0f\x1f\x84\0\0\0\0\0", TEXT), B(".text", NULL, "\x90", TEXT), NULL },
	{ B("runtime_ptr_x", NULL, "1234", CONST), B("runtime_ptr_x", NULL, "12345678", CONST), NULL },
	{ B(".data..LASAN0", NULL, "1234", DATA), B(".data..LASAN0", NULL, "1235", DATA), NULL },
	{ B(".discard.x", NULL, "1234", CONST), B(".discard.x", NULL, "12345678", CONST), NULL },
};

START_TEST(bytes_of_no_symbol)
{
	add(o, &cases[_i].orig, 16);
	add(n, &cases[_i].patched, 16);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), !!cases[_i].refused);
	if (cases[_i].refused)
		ck_assert(refused(REFUSE_ASSEMBLY, cases[_i].refused));
	ck_assert_uint_eq(json_array_size(report->warnings), 0);
}
END_TEST

/* Behind a function that grows they are the same ones. */
START_TEST(bytes_that_move_are_the_same)
{
	static const struct blob stub = B(".sched.text", "stub", "\x31\xc0\xc3", TEXT);

	add(o, &stub, 16);
	add(n, &stub, 32);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

/* Where a template calls is in a relocation. */
static void add_call(struct elf_out *out, const char *callee)
{
	uint32_t sec = elf_out_section(out, ".rodata", SHT_PROGBITS, SHF_ALLOC, 1, 0);

	func(out, "f");
	elf_out_append(out, sec, "\xe8\0\0\0\0", 5, 1);
	elf_out_symbol(out, "template", STB_GLOBAL, STT_NOTYPE, sec, 0, 0);
	elf_out_reloc(out, sec, 1, R_X86_64_PLT32, elf_out_undef(out, callee, STB_GLOBAL), -4);
}

START_TEST(reference_of_bytes_of_no_symbol)
{
	add_call(o, "a");
	add_call(n, "b");
	run();
	ck_assert(refused(REFUSE_ASSEMBLY, "template"));
}
END_TEST

/* What happens after a fault in code that has only a label: @bytes behind f, and an entry of its table. */
static void add_fault(struct elf_out *out, uint32_t how, const char *bytes)
{
	struct elffix f = elffix_function_in(out, ".text", "f", STB_GLOBAL, true, code, 32), stub, entry;
	uint8_t row[12] = { 0 };

	memcpy(row + 8, &how, sizeof(how));
	stub = (struct elffix){ .sec = f.sec };
	stub.off = elf_out_append(out, f.sec, bytes, 4, 1);
	entry = elffix_entry(out, "__ex_table", row, sizeof(row));
	elf_out_reloc(out, entry.sec, entry.off, R_X86_64_PC32, elf_out_section_symbol(out, f.sec), (int64_t)stub.off);
	elf_out_reloc(out, entry.sec, entry.off + 4, R_X86_64_PC32, elf_out_section_symbol(out, f.sec), (int64_t)stub.off + 2);
}

START_TEST(entry_about_code_of_no_symbol)
{
	add_fault(o, 1, "\x31\xc0\xc3\xcc");
	add_fault(n, 1 + (uint32_t)_i, "\x31\xc0\xc3\xcc");
	run();
	ck_assert_uint_eq(report_nr_refusals(report), (size_t)_i);
	if (_i)
		ck_assert(refused(REFUSE_ASSEMBLY, "__ex_table"));
}
END_TEST

/* What objtool is told of such code, and of what lies behind f's last instruction, which is nobody's code. */
static void add_hint(struct elf_out *out, uint8_t type, bool behind)
{
	struct elffix f = elffix_function_in(out, ".text", "f", STB_GLOBAL, true, code, 32), entry;
	uint8_t row[12] = { [7] = type };

	elf_out_append(out, f.sec, "\x31\xc0\xc3\xcc", 4, 1);
	entry = elffix_entry(out, ".discard.unwind_hints", row, sizeof(row));
	elf_out_reloc(out, entry.sec, entry.off, R_X86_64_PC32, elf_out_section_symbol(out, f.sec),
		      (int64_t)f.off + (behind ? 32 : 33));
}

START_TEST(hint_about_code_of_no_symbol)
{
	add_hint(o, 1, _i & 2);
	add_hint(n, _i & 1 ? 2 : 1, _i & 2);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), _i == 1);
	if (_i == 1)
		ck_assert(refused(REFUSE_ASSEMBLY, ".discard.unwind_hints"));
}
END_TEST

/* asm(".globl limit; limit = 5"): 6, or gone. */
START_TEST(name_for_a_number)
{
	func(o, "f");
	func(n, "f");
	elf_out_symbol(o, "limit", STB_GLOBAL, STT_NOTYPE, ELF_OUT_ABS, 5, 0);
	if (_i < 2)
		elf_out_symbol(n, "limit", STB_GLOBAL, STT_NOTYPE, ELF_OUT_ABS, 5 + (uint64_t)_i, 0);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), _i > 0);
	if (_i)
		ck_assert(refused(REFUSE_ASSEMBLY, "limit"));
}
END_TEST

/* A switch's table belongs to its function, which may change. */
static void add_table(struct elf_out *out, const void *text, const char *bytes)
{
	struct elffix f = elffix_function(out, "f", STB_GLOBAL, true, text, 32);
	uint32_t sec = elf_out_section(out, ".rodata", SHT_PROGBITS, SHF_ALLOC, 8, 0);

	elf_out_append(out, sec, bytes, 8, 8);
	elf_out_reloc(out, f.sec, 10, R_X86_64_32S, elf_out_section_symbol(out, sec), 0);
}

START_TEST(table_of_a_function_that_changes)
{
	add_table(o, code, "12345678");
	add_table(n, other_code, "12345679");
	run();
	ck_assert_int_eq(change_of("f"), CHANGE_CHANGED);
	ck_assert_uint_eq(report_nr_refusals(report), 0);
}
END_TEST

START_TEST(module_information_is_told)
{
	static const char a[] = "alias=pci:1\0license=GPL", b[] = "license=GPL\0alias=pci:2";

	func(o, "f");
	func(n, "f");
	elf_out_append(o, elf_out_section(o, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1, 0), a, sizeof(a), 1);
	elf_out_append(n, elf_out_section(n, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1, 0), b, sizeof(b), 1);
	run();
	ck_assert_uint_eq(report_nr_refusals(report), 0);
	ck_assert_uint_eq(json_array_size(report->warnings), 1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("residual");

	tcase_add_checked_fixture(t, diff_setup, diff_teardown);
	tcase_add_loop_test(t, bytes_of_no_symbol, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, bytes_that_move_are_the_same);
	tcase_add_test(t, reference_of_bytes_of_no_symbol);
	tcase_add_loop_test(t, entry_about_code_of_no_symbol, 0, 2);
	tcase_add_loop_test(t, name_for_a_number, 0, 3);
	tcase_add_loop_test(t, hint_about_code_of_no_symbol, 0, 4);
	tcase_add_test(t, table_of_a_function_that_changes);
	tcase_add_test(t, module_information_is_told);
	return fixture_run("diff_residual", t);
}
